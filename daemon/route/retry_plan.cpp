// SPDX-License-Identifier: MIT
#include "daemon/route/retry_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "common/text.hpp"

namespace ccr::route {
namespace {

using K = ErrorKind;
using R = Remedy;
using B = Blame;

constexpr unsigned any = ~0U;

// A provider's word about the request tells a client most: it can act on it. Then what will pass,
// then what will not pass by itself. Transport failures say least.
constexpr std::array table{
    // the client's own request: found wanting before anything is sent
    FailureRule{K::invalid_request, R::give_up, B::none, 0, 90},
    FailureRule{K::unauthorized, R::give_up, B::none, 0, 90},
    FailureRule{K::forbidden, R::give_up, B::none, 0, 90},
    FailureRule{K::not_found, R::give_up, B::none, 0, 40},
    FailureRule{K::method_not_allowed, R::give_up, B::none, 0, 90},
    FailureRule{K::request_timeout, R::give_up, B::none, 0, 90},
    FailureRule{K::too_large, R::larger_window, B::none, 0, 85},
    FailureRule{K::header_too_large, R::give_up, B::none, 0, 90},
    FailureRule{K::not_supported, R::next, B::none, 0, 35},
    // transport
    FailureRule{K::resolve, R::again, B::breaker, any, 20},
    FailureRule{K::connect, R::again, B::breaker, any, 21},
    FailureRule{K::tls, R::again, B::breaker, any, 22},
    FailureRule{K::reset, R::again, B::breaker, any, 23},
    FailureRule{K::eof, R::again, B::breaker, any, 24},
    FailureRule{K::timeout, R::again, B::breaker, 1, 50},
    FailureRule{K::cancelled, R::give_up, B::none, 0, 0},
    FailureRule{K::malformed, R::again, B::breaker, 1, 25},
    // the provider's answer
    FailureRule{K::auth, R::by_credential, B::refused, 0, 30},
    FailureRule{K::billing, R::by_credential, B::quota, 0, 45},
    FailureRule{K::rate_limited, R::by_limit, B::limited, any, 70},
    FailureRule{K::overloaded, R::again, B::breaker, any, 65},
    FailureRule{K::server_error, R::again, B::breaker, any, 60},
    FailureRule{K::context_overflow, R::larger_window, B::none, 0, 100},
    FailureRule{K::max_tokens, R::adapt, B::none, 0, 95},
    FailureRule{K::rejected, R::give_up, B::none, 0, 80},
    FailureRule{K::policy, R::give_up, B::none, 0, 80},
    FailureRule{K::model_missing, R::next, B::missing, 0, 40},
    FailureRule{K::capability, R::adapt, B::none, 0, 75},
    // ours
    FailureRule{K::config, R::next, B::none, 0, 10},
    FailureRule{K::io, R::next, B::none, 0, 10},
    FailureRule{K::unavailable, R::next, B::none, 0, 55},
    FailureRule{K::internal, R::give_up, B::none, 0, 5},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].kind) != i) return false;
    }
    return table.size() == static_cast<std::size_t>(K::internal) + 1;
}
static_assert(in_order(), "one row per ErrorKind, in its order");

Millis drawn(Millis most, double chance) {
    return Millis(static_cast<std::int64_t>(static_cast<double>(most.count()) * chance));
}

// Everybody who was told the same time would come back in the same moment.
Millis spread(Millis wait, double chance) {
    return wait + drawn(std::min(wait / 4, Millis{1000}), chance);
}

}  // namespace

const FailureRule& rule_of(ErrorKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return table[std::min(index, table.size() - 1)];
}

const config::Retry& RetryPlan::options_of(const Situation& situation) const {
    return situation.retry != nullptr ? *situation.retry : *options_;
}

Millis RetryPlan::backoff(const config::Retry& options, unsigned retry, double chance) {
    const auto most = static_cast<double>(options.max_delay.count());
    const auto grown = static_cast<double>(options.base_delay.count()) *
                       std::pow(options.growth, static_cast<double>(retry));
    return Millis(static_cast<std::int64_t>(std::min(grown, most) * chance));
}

bool RetryPlan::in_time(const Situation& situation, Millis delay) const {
    return situation.now + delay < deadline_;
}

Move RetryPlan::after(const Error& failure, const Situation& situation) {
    const FailureRule& rule = rule_of(failure.kind);
    if (!in_time(situation, Millis{0})) return {};
    if (situation.unsendable && rule.remedy != Remedy::larger_window) return next(situation);
    switch (rule.remedy) {
        case Remedy::give_up:
            return widened(failure, situation);
        case Remedy::again:
            return again(failure, situation,
                         std::min(rule.max_again, options_of(situation).max_retries));
        case Remedy::next:
            return next(situation);
        case Remedy::by_limit:
            return limited(situation);
        case Remedy::by_credential:
            if (situation.other_key) return {Move::To::same_target, Millis{0}, Adaptation::none};
            return next(situation);
        case Remedy::larger_window:
            if (enlarged_ || !situation.larger_window) return {};
            enlarged_ = true;
            return {Move::To::larger_window, Millis{0}, Adaptation::none};
        case Remedy::adapt:
            return adapted(failure, situation);
    }
    return {};
}

Move RetryPlan::again(const Error& failure, const Situation& situation, unsigned limit) {
    if (retries_ >= limit) return next(situation);
    Millis delay = backoff(options_of(situation), retries_, situation.chance);
    if (failure.retry_after) {
        // Sooner than it asks for is no use, and so long a wait is no use to the client.
        if (*failure.retry_after > options_->max_delay) return next(situation);
        delay = std::max(delay, spread(*failure.retry_after, situation.chance));
    }
    if (!in_time(situation, delay)) return next(situation);
    ++retries_;
    return {Move::To::same_target, delay, Adaptation::none};
}

Move RetryPlan::limited(const Situation& situation) {
    if (situation.policy == config::OnRateLimit::give_back) return {};
    if (situation.other_key) return {Move::To::same_target, Millis{0}, Adaptation::none};
    const bool wait = situation.policy == config::OnRateLimit::wait &&
                      situation.reopens <= situation.max_wait &&
                      retries_ < options_of(situation).max_retries;
    if (!wait) return next(situation);
    const Millis delay = spread(situation.reopens, situation.chance);
    if (!in_time(situation, delay)) return next(situation);
    ++retries_;
    return {Move::To::same_target, delay, Adaptation::none};
}

Move RetryPlan::adapted(const Error& failure, const Situation& situation) {
    bool& done = failure.kind == ErrorKind::max_tokens ? clamped_ : reduced_;
    if (done || !situation.adaptable) return next(situation);
    done = true;
    const auto how =
        failure.kind == ErrorKind::max_tokens ? Adaptation::max_tokens : Adaptation::feature;
    return {Move::To::same_target, Millis{0}, how};
}

Move RetryPlan::widened(const Error& failure, const Situation& situation) const {
    const std::string status = std::to_string(failure.upstream_status);
    const bool listed = std::any_of(
        options_->fallback_on.begin(), options_->fallback_on.end(), [&](const std::string& entry) {
            return entry == status || iequals(entry, traits(failure.kind).name);
        });
    if (!listed || !situation.other_target) return {};
    return {Move::To::next_target, Millis{0}, Adaptation::none};
}

Move RetryPlan::next(const Situation& situation) {
    if (!situation.other_target) return {};
    retries_ = 0;
    clamped_ = false;
    reduced_ = false;
    return {Move::To::next_target, Millis{0}, Adaptation::none};
}

std::optional<Millis> RetryPlan::wait_for_opening(Millis opening, Millis max_wait, SteadyTime now) {
    if (waited_ || opening > max_wait || now + opening >= deadline_) return std::nullopt;
    waited_ = true;
    retries_ = 0;
    return opening;
}

}  // namespace ccr::route
