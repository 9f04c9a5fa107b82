// SPDX-License-Identifier: MIT
#include "daemon/route/tier_order.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ccr::route {
namespace {

// After two half-lives a measurement is no longer believed.
constexpr double least_confidence = 0.25;
// Pairs that were ever compared. With more of them the history of comparisons starts anew now and
// then, which costs promotions and nothing else.
constexpr std::size_t max_pairs = 512;

}  // namespace

double Ewma::confidence(const config::Promotion& options, SteadyTime now) const {
    if (samples_ == 0) return 0;
    const auto age = std::chrono::duration<double>(now - last_).count();
    const auto half_life = std::chrono::duration<double>(options.half_life).count();
    return std::exp2(-std::max(age, 0.0) / std::max(half_life, 1e-3));
}

void Ewma::add(const config::Promotion& options, double sample, SteadyTime now) {
    const double trust = confidence(options, now);
    if (samples_ == 0 || trust < least_confidence) {
        value_ = sample;
        samples_ = 1;
    } else {
        const double old = (1 - options.alpha) * trust;
        value_ = old * value_ + (1 - old) * sample;
        samples_ = std::min(samples_ + 1, 1'000'000U);
    }
    last_ = now;
}

bool Ewma::known(const config::Promotion& options, SteadyTime now) const {
    return samples_ >= options.min_samples && confidence(options, now) >= least_confidence;
}

void Ewma::restore(double value, unsigned samples, SteadyTime last) {
    value_ = value;
    samples_ = samples;
    last_ = last;
}

Latency& TierOrder::latency(Id id) {
    if (id >= latencies_.size()) latencies_.resize(id + std::size_t{1});
    return latencies_[id];
}

const Latency& TierOrder::latency(Id id) const {
    static const Latency none;
    return id < latencies_.size() ? latencies_[id] : none;
}

void TierOrder::first_content(Id id, Millis time, SteadyTime now) {
    latency(id).first_content.add(options_, static_cast<double>(time.count()), now);
    evaluate_all(id, now);
}

void TierOrder::per_token(Id id, double ms, SteadyTime now) {
    latency(id).per_token.add(options_, ms, now);
    evaluate_all(id, now);
}

void TierOrder::total(Id id, double ms, SteadyTime now) {
    latency(id).total.add(options_, ms, now);
}

void TierOrder::set_failing(Id id, bool failing, SteadyTime now) {
    Latency& entry = latency(id);
    if (entry.failing == failing) return;
    entry.failing = failing;
    evaluate_all(id, now);
}

void TierOrder::forget(Id id) {
    if (id < latencies_.size()) latencies_[id] = Latency();
    std::erase_if(pairs_,
                  [id](const auto& entry) { return entry.second.a == id || entry.second.b == id; });
}

void TierOrder::arrange(std::span<Id> order, std::size_t from, SteadyTime now) {
    order = order.first(std::min(order.size(), max_compared));
    // All of them, not only the neighbours: how long one has been better has to be known by the
    // time at which they meet.
    for (std::size_t i = from; i < order.size(); ++i) {
        for (std::size_t other = i + 1; other < order.size(); ++other)
            evaluate(pair(order[i], order[other]), now);
    }
    for (std::size_t i = from + 1; i < order.size(); ++i) {
        for (std::size_t at = i; at > from && prefers(order[at], order[at - 1]); --at)
            std::swap(order[at - 1], order[at]);
    }
}

bool TierOrder::prefers(Id a, Id b) {
    return pair(a, b).preferred == a;
}

TierOrder::Pair& TierOrder::pair(Id a, Id b) {
    if (a > b) std::swap(a, b);
    const std::uint64_t key = std::uint64_t{a} << 32U | b;
    const auto found = pairs_.find(key);
    if (found != pairs_.end()) return found->second;
    if (pairs_.size() >= max_pairs) pairs_.clear();
    return pairs_.emplace(key, Pair{a, b, {}, {}, {}}).first->second;
}

std::optional<TierOrder::Id> TierOrder::better(const Pair& pair, SteadyTime now,
                                               bool& known) const {
    const Latency& a = latency(pair.a);
    const Latency& b = latency(pair.b);
    known = false;
    if (a.failing || b.failing) return std::nullopt;
    const auto both = [&](Ewma Latency::*measure) {
        return (a.*measure).known(options_, now) && (b.*measure).known(options_, now);
    };
    // Waiting for the first word is what people feel; answers in one piece only show the whole.
    Ewma Latency::*measure = &Latency::first_content;
    if (!both(measure)) measure = &Latency::per_token;
    known = both(measure);
    if (!known) return std::nullopt;
    const double time_a = (a.*measure).value();
    const double time_b = (b.*measure).value();
    if (time_a < options_.ratio * time_b) return pair.a;
    if (time_b < options_.ratio * time_a) return pair.b;
    return std::nullopt;
}

void TierOrder::evaluate(Pair& pair, SteadyTime now) const {
    bool known = false;
    const auto leaning = better(pair, now, known);
    if (!known) pair.preferred.reset();
    if (leaning != pair.leaning) {
        pair.leaning = leaning;
        pair.since = now;
    }
    if (leaning && now - pair.since >= options_.dwell) pair.preferred = leaning;
}

void TierOrder::evaluate_all(Id id, SteadyTime now) {
    for (auto& [key, pair] : pairs_) {
        if (pair.a == id || pair.b == id) evaluate(pair, now);
    }
}

}  // namespace ccr::route
