// SPDX-License-Identifier: MIT
// Which of several targets to ask first, by how soon they answered lately. The configured order
// stands until another has been clearly better for a while; what was measured is forgotten with
// time, so that a target that was passed over gets its next chance. Deterministic: the same
// history gives the same order. Pure; the caller hands in the time and guards against concurrent
// use.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/config/dispatch.hpp"
#include "common/time.hpp"

namespace ccr::route {

// Exponentially weighted mean whose weight fades while no sample comes.
class Ewma {
  public:
    void add(const config::Promotion& options, double sample, SteadyTime now);
    // Enough samples, and recent enough to be believed.
    [[nodiscard]] bool known(const config::Promotion& options, SteadyTime now) const;
    [[nodiscard]] double value() const { return value_; }
    [[nodiscard]] unsigned samples() const { return samples_; }
    [[nodiscard]] SteadyTime last() const { return last_; }
    // 1 right after a sample, halved with each half-life since.
    [[nodiscard]] double confidence(const config::Promotion& options, SteadyTime now) const;
    void restore(double value, unsigned samples, SteadyTime last);

  private:
    double value_ = 0;
    unsigned samples_ = 0;
    SteadyTime last_{};
};

struct Latency {
    Ewma first_content;  // milliseconds from sending to the first content of a stream
    Ewma per_token;      // milliseconds of the whole answer per token of output
    Ewma total;          // milliseconds from sending to the last byte; told, not compared
    bool failing = false;
};

class TierOrder {
  public:
    // Names a target; small, reused after forget().
    using Id = std::uint32_t;
    static constexpr std::size_t max_compared = 16;

    void set_options(const config::Promotion& options) { options_ = options; }
    [[nodiscard]] const config::Promotion& options() const { return options_; }

    void first_content(Id id, Millis time, SteadyTime now);
    void per_token(Id id, double ms, SteadyTime now);
    void total(Id id, double ms, SteadyTime now);
    // A failing target is not preferred to anything, however fast it was.
    void set_failing(Id id, bool failing, SteadyTime now);
    void forget(Id id);

    // Puts the better ones first. Positions before `from` stay as they are, and those behind the
    // first max_compared.
    void arrange(std::span<Id> order, std::size_t from, SteadyTime now);

    [[nodiscard]] const Latency& latency(Id id) const;
    [[nodiscard]] Latency& latency(Id id);

  private:
    // What is known of two targets; `preferred` and `leaning` are one of them or neither.
    struct Pair {
        Id a;
        Id b;
        std::optional<Id> preferred;
        std::optional<Id> leaning;  // better right now …
        SteadyTime since{};         // … from here on
    };

    [[nodiscard]] Pair& pair(Id a, Id b);
    [[nodiscard]] bool prefers(Id a, Id b);
    void evaluate(Pair& pair, SteadyTime now) const;
    void evaluate_all(Id id, SteadyTime now);
    [[nodiscard]] std::optional<Id> better(const Pair& pair, SteadyTime now, bool& known) const;

    config::Promotion options_;
    std::vector<Latency> latencies_;                 // by id
    std::unordered_map<std::uint64_t, Pair> pairs_;  // by both ids
};

}  // namespace ccr::route
