// SPDX-License-Identifier: MIT
// Circuit breaker of one target: after enough failures it is left alone for a while, then tried by
// one request at a time. Pure; the caller hands in the time and guards against concurrent use.
#pragma once

#include <cstdint>
#include <vector>

#include "common/config/dispatch.hpp"
#include "common/time.hpp"

namespace ccr::route {

class Breaker {
  public:
    enum class State : std::uint8_t { closed, open, half_open };

    // How a request was let through; goes back with its result.
    enum class Pass : std::uint8_t { refused, normal, probe };

    // Whether enter() would let a request through.
    [[nodiscard]] bool admits(SteadyTime now) const;
    // A request asks to be let through. While half open one at a time is, as the probe.
    [[nodiscard]] Pass enter(SteadyTime now);

    // Each pass ends in exactly one of these. abandon(): the request ended without showing
    // anything about the target (its client left, it was refused for its own faults).
    void success(const config::Breaker& options, Pass pass, SteadyTime now);
    void failure(const config::Breaker& options, Pass pass, SteadyTime now);
    void abandon(Pass pass);

    [[nodiscard]] State state(SteadyTime now) const;
    // While open: when the first probe is let through.
    [[nodiscard]] SteadyTime open_until() const { return open_until_; }
    [[nodiscard]] Millis open_period() const { return period_; }
    [[nodiscard]] unsigned consecutive_failures() const { return consecutive_; }

    // As it was before a restart: open, for the rest of its time.
    void restore_open(SteadyTime until, Millis period);

  private:
    struct Sample {
        SteadyTime at;
        bool failed;
    };

    void note(const config::Breaker& options, bool failed, SteadyTime now);
    [[nodiscard]] bool too_many(const config::Breaker& options, SteadyTime now) const;
    void trip(const config::Breaker& options, SteadyTime now);
    void close();

    std::vector<Sample> ring_;  // the last outcomes; allocated with the first one
    std::size_t next_ = 0;
    unsigned consecutive_ = 0;
    bool tripped_ = false;
    bool probing_ = false;
    SteadyTime open_until_{};
    Millis period_{0};  // of the current or last opening; 0: closed since
};

[[nodiscard]] const char* name(Breaker::State state);

}  // namespace ccr::route
