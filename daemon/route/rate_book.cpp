// SPDX-License-Identifier: MIT
#include "daemon/route/rate_book.hpp"

#include <algorithm>

namespace ccr::route {
namespace {

constexpr unsigned max_streak = 20;  // 2^20 times the base is above any sensible limit

Millis scaled(Millis time, double factor) {
    return Millis(static_cast<std::int64_t>(static_cast<double>(time.count()) * factor));
}

}  // namespace

const char* name(Closure closure) {
    switch (closure) {
        case Closure::limited:
            return "limited";
        case Closure::exhausted:
            return "exhausted";
        case Closure::quota:
            return "quota";
        case Closure::refused:
            return "misconfigured";
        default:
            return "open";
    }
}

void RateState::close(Closure closure, SteadyTime until, SteadyTime now) {
    // The longer word holds: a short backoff does not lift a quota's end.
    if (closure_ != Closure::none && until_ > now && until_ >= until) return;
    closure_ = closure;
    until_ = until;
}

void RateState::limited(const config::RateLimit& options, SteadyTime sent, SteadyTime now,
                        std::optional<Millis> retry_after, double chance) {
    const bool new_episode = streak_ == 0 || sent >= last_refusal_;
    if (new_episode) {
        streak_ = std::min(streak_ + 1, max_streak);
        last_refusal_ = now;
    }
    if (retry_after) return close(Closure::limited, now + *retry_after, now);
    if (!new_episode && until_ > now) return;
    const Millis most =
        std::min<Millis>(options.base_delay * (1LL << (streak_ - 1)), options.max_delay);
    close(Closure::limited, now + scaled(most, chance), now);
}

void RateState::out_of_quota(const config::RateLimit& options, SteadyTime now,
                             std::optional<Millis> retry_after) {
    close(Closure::quota, now + retry_after.value_or(options.quota_delay), now);
}

void RateState::refused(const config::RateLimit& options, SteadyTime now) {
    close(Closure::refused, now + options.misconfigured_delay, now);
}

void RateState::exhausted(SteadyTime now, Millis reset) {
    close(Closure::exhausted, now + reset, now);
}

void RateState::success() {
    streak_ = 0;
}

Closure RateState::closure(SteadyTime now) const {
    return now < until_ ? closure_ : Closure::none;
}

SteadyTime RateState::open_at(SteadyTime now) const {
    return std::max(until_, now);
}

void RateState::restore(Closure closure, SteadyTime until, unsigned streak) {
    closure_ = closure;
    until_ = until;
    streak_ = std::min(streak, max_streak);
}

RateState& RateBook::state(std::uint64_t fingerprint) {
    const auto known = std::find_if(
        credentials_.begin(), credentials_.end(),
        [fingerprint](const Credential& entry) { return entry.fingerprint == fingerprint; });
    if (known != credentials_.end()) return known->rate;
    if (credentials_.size() >= max_credentials) credentials_.erase(credentials_.begin());
    return credentials_.emplace_back(Credential{fingerprint, {}}).rate;
}

const RateState* RateBook::find(std::uint64_t fingerprint) const {
    for (const Credential& entry : credentials_) {
        if (entry.fingerprint == fingerprint) return &entry.rate;
    }
    return nullptr;
}

std::optional<std::size_t> RateBook::pick(std::span<const std::uint64_t> keys, std::size_t start,
                                          SteadyTime now) const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::size_t at = (start + i) % keys.size();
        const RateState* state = find(keys[at]);
        if (state == nullptr || state->closure(now) == Closure::none) return at;
    }
    return std::nullopt;
}

SteadyTime RateBook::open_at(std::span<const std::uint64_t> keys, SteadyTime now,
                             Closure* why) const {
    SteadyTime first = SteadyTime::max();
    if (why != nullptr) *why = Closure::none;
    for (const std::uint64_t key : keys) {
        const RateState* state = find(key);
        const SteadyTime at = state == nullptr ? now : state->open_at(now);
        if (at >= first) continue;
        first = at;
        if (why != nullptr) *why = state == nullptr ? Closure::none : state->closure(now);
    }
    return keys.empty() ? now : first;
}

}  // namespace ccr::route
