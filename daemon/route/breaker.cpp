// SPDX-License-Identifier: MIT
#include "daemon/route/breaker.hpp"

#include <algorithm>

namespace ccr::route {

const char* name(Breaker::State state) {
    switch (state) {
        case Breaker::State::open:
            return "open";
        case Breaker::State::half_open:
            return "half-open";
        default:
            return "closed";
    }
}

bool Breaker::admits(SteadyTime now) const {
    return !tripped_ || (now >= open_until_ && !probing_);
}

Breaker::Pass Breaker::enter(SteadyTime now) {
    if (!admits(now)) return Pass::refused;
    if (!tripped_) return Pass::normal;
    probing_ = true;
    return Pass::probe;
}

Breaker::State Breaker::state(SteadyTime now) const {
    if (!tripped_) return State::closed;
    return now < open_until_ ? State::open : State::half_open;
}

void Breaker::success(const config::Breaker& options, Pass pass, SteadyTime now) {
    if (pass == Pass::probe) return close();
    // Sent before the breaker opened: says nothing about the target as it is now.
    if (tripped_) return;
    consecutive_ = 0;
    period_ = Millis{0};
    note(options, false, now);
}

void Breaker::failure(const config::Breaker& options, Pass pass, SteadyTime now) {
    if (pass == Pass::probe) {
        probing_ = false;
        return trip(options, now);
    }
    if (tripped_) return;
    ++consecutive_;
    note(options, true, now);
    if (too_many(options, now)) trip(options, now);
}

void Breaker::abandon(Pass pass) {
    if (pass == Pass::probe) probing_ = false;
}

void Breaker::restore_open(SteadyTime until, Millis period) {
    tripped_ = true;
    open_until_ = until;
    period_ = period;
}

void Breaker::note(const config::Breaker& options, bool failed, SteadyTime now) {
    const std::size_t size = std::max(options.window, 1U);
    if (ring_.size() > size) {  // a reload made the window smaller
        ring_.clear();
        next_ = 0;
    }
    if (ring_.size() < size) {
        if (ring_.empty()) ring_.reserve(size);
        ring_.push_back({now, failed});
        return;
    }
    ring_[next_] = {now, failed};
    next_ = (next_ + 1) % size;
}

bool Breaker::too_many(const config::Breaker& options, SteadyTime now) const {
    if (options.failures == 0) return false;
    if (consecutive_ >= options.failures) return true;
    if (ring_.size() < options.window) return false;
    std::size_t failed = 0;
    for (const Sample& sample : ring_) {
        if (now - sample.at > options.window_time) return false;
        if (sample.failed) ++failed;
    }
    return static_cast<double>(failed) >= options.ratio * static_cast<double>(ring_.size());
}

void Breaker::trip(const config::Breaker& options, SteadyTime now) {
    period_ = period_ == Millis{0} ? options.open : std::min(period_ * 2, options.max_open);
    period_ = std::min(period_, options.max_open);
    open_until_ = now + period_;
    tripped_ = true;
}

void Breaker::close() {
    tripped_ = false;
    probing_ = false;
    consecutive_ = 0;
    period_ = Millis{0};
    ring_.clear();
    next_ = 0;
}

}  // namespace ccr::route
