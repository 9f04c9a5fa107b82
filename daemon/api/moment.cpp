// SPDX-License-Identifier: MIT
#include "daemon/api/moment.hpp"

#include <algorithm>
#include <chrono>

#include "daemon/api/process_info.hpp"

namespace ccr::api {
namespace {

using proxy::TargetReport;
using route::Closure;

double seconds(Millis time) {
    return std::chrono::duration<double>(time).count();
}

std::int64_t unix_ms_after(Millis left) {
    const auto at = std::chrono::system_clock::now().time_since_epoch() + left;
    return std::chrono::duration_cast<Millis>(at).count();
}

// The credential that opens first, if none of the target's is open now.
const TargetReport::Key* closed_by(const TargetReport& report, std::size_t key_count) {
    const auto closed = [](const TargetReport::Key& key) { return key.closure != Closure::none; };
    const auto count = std::count_if(report.keys.begin(), report.keys.end(), closed);
    if (count == 0 || static_cast<std::size_t>(count) < key_count) return nullptr;
    const TargetReport::Key* first = nullptr;
    for (const auto& key : report.keys) {
        if (closed(key) && (first == nullptr || key.left < first->left)) first = &key;
    }
    return first;
}

std::string state_of(const TargetReport& report, const TargetReport::Key* closed) {
    if (report.missing_left > Millis{0}) return "missing";
    if (closed != nullptr) {
        return closed->closure == Closure::refused ? "misconfigured" : "limited";
    }
    if (report.breaker == route::Breaker::State::open) return "open";
    if (report.breaker == route::Breaker::State::half_open) return "probing";
    const bool known = report.first_content.known || report.per_token.known || report.total.known;
    return known ? "healthy" : "unknown";
}

void describe(const TargetReport& report, std::size_t key_count, stats::TargetHealth& out) {
    const auto& first = report.first_content;
    const auto& token = report.per_token;
    if (first.samples > 0) out.ttft_seconds = first.value / 1e3;
    if (report.total.samples > 0) out.total_seconds = report.total.value / 1e3;
    if (token.samples > 0) out.per_output_token_ms = token.value;
    std::optional<Millis> age;
    for (const auto* measure : {&first, &token, &report.total}) {
        if (measure->samples == 0) continue;
        age = std::min(age.value_or(measure->age), measure->age);
        out.samples = std::max<std::uint64_t>(out.samples, measure->samples);
    }
    if (age) out.last_sample_age_seconds = seconds(*age);
    out.breaker = route::name(report.breaker);
    const auto* closed = closed_by(report, key_count);
    out.state = state_of(report, closed);
    if (closed != nullptr && closed->closure != Closure::refused) {
        out.rate_limited_until = unix_ms_after(closed->left);
    }
}

std::vector<stats::Tier> ranked(const proxy::Worker& worker, SteadyTime now) {
    std::vector<stats::Tier> tiers = worker.snapshot->slots.tiers();
    std::vector<route::Target> targets(tiers.size());
    std::vector<proxy::Seat> seats;
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        const auto& name = tiers[i].name;
        targets[i] = {worker.snapshot->directory->find(name.provider), name.model};
        proxy::Seat seat;
        seat.target = &targets[i];
        seat.name = proxy::target_hash(name.provider, name.model);
        seats.push_back(seat);
    }
    if (seats.empty()) return tiers;
    worker.shared->health.arrange(seats, now);
    std::vector<stats::Tier> out;
    out.reserve(seats.size());
    for (const auto& seat : seats)
        out.push_back(tiers[static_cast<std::size_t>(seat.target - targets.data())]);
    return out;
}

}  // namespace

std::vector<stats::TargetHealth> target_health(const proxy::Worker& worker) {
    const auto now = std::chrono::steady_clock::now();
    std::vector<stats::TargetHealth> out;
    for (const auto& tier : ranked(worker, now)) {
        auto& entry = out.emplace_back();
        entry.tier = tier.label;
        entry.name = tier.name;
    }
    const std::size_t tiers = out.size();
    for (const auto& report : worker.shared->health.report(now)) {
        const stats::TargetName name{report.provider, report.model};
        const auto end = out.begin() + static_cast<std::ptrdiff_t>(tiers);
        auto at = std::find_if(out.begin(), end,
                               [&name](const auto& entry) { return entry.name == name; });
        if (at == end) {
            at = out.emplace(out.end());
            at->tier = stats::other_tier;
            at->name = name;
        }
        const auto* provider = worker.snapshot->config().find_provider(report.provider);
        describe(report, provider == nullptr ? 1 : provider->keys.size(), *at);
    }
    return out;
}

stats::Moment moment(const proxy::Worker& worker) {
    const proxy::Shared& shared = *worker.shared;
    stats::Moment out;
    out.tiers = worker.snapshot->slots.tiers();
    out.totals = shared.book->totals();
    out.health = target_health(worker);
    out.active_streams = shared.streams.load(std::memory_order_relaxed);
    const auto pool = shared.pool->counters();
    out.idle_connections = pool.idle;
    for (const auto& tier : out.tiers) {
        const auto* provider = worker.snapshot->directory->find(tier.name.provider);
        const bool known = provider != nullptr;
        out.idle_by_tier.push_back(known ? shared.pool->idle(worker.snapshot->origin(*provider).key)
                                         : 0);
    }
    out.dialed = pool.dialed;
    out.reused = pool.reused;
    out.replaced = pool.replaced;
    out.reloads_ok = shared.reloads_ok.load(std::memory_order_relaxed);
    out.reloads_failed = shared.reloads_failed.load(std::memory_order_relaxed);
    out.process = process_info();
    return out;
}

}  // namespace ccr::api
