// SPDX-License-Identifier: MIT
// What to do after a failed attempt. One table says what each kind of failure means; RetryPlan
// keeps the count of what one request has tried. Pure: time and chance are handed in.
//
// Until the first content has gone to the client; after that nothing is tried again.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/config/dispatch.hpp"
#include "common/result.hpp"
#include "common/time.hpp"

namespace ccr::route {

// What a failure says about the target that it came from.
enum class Blame : std::uint8_t {
    none,     // nothing: the request was at fault, or it never got that far
    breaker,  // it is in trouble
    limited,  // this credential is rate limited
    quota,    // this credential's quota or balance is used up
    refused,  // this credential is not accepted
    missing,  // it does not have the model
};

// Where a request goes on after it.
enum class Remedy : std::uint8_t {
    give_up,        // nowhere: the same would happen anywhere
    again,          // to the same target, then the next
    next,           // to the next target
    by_limit,       // to the next credential, then as the provider's policy says
    by_credential,  // to the next credential, then the next target
    larger_window,  // to a target that takes more
    adapt,          // to the same target with the request changed, then the next
};

struct FailureRule {
    ErrorKind kind;
    Remedy remedy;
    Blame blame;
    unsigned max_again;  // retries of the same target at most, whatever the configuration allows
    int telling;         // of several failures the one with the highest is shown to the client
};

// The row of a kind.
[[nodiscard]] const FailureRule& rule_of(ErrorKind kind);

// Whether a failure counts as one of the target for its breaker.
[[nodiscard]] inline bool blames_target(ErrorKind kind) {
    return rule_of(kind).blame == Blame::breaker;
}

// How a request is changed before the same target gets it again; each at most once per target.
enum class Adaptation : std::uint8_t { none, max_tokens, feature };

struct Move {
    enum class To : std::uint8_t { give_up, same_target, next_target, larger_window };
    To to = To::give_up;
    Millis delay{0};  // to wait before
    Adaptation adaptation = Adaptation::none;
};

// The place a failed attempt leaves its request in.
struct Situation {
    const config::Retry* retry = nullptr;  // of this target; null: the common one
    bool other_key = false;                // another credential of the provider is open
    bool other_target = false;             // another candidate is open
    bool larger_window = false;            // a candidate with a larger window is left
    bool adaptable = false;                // the refused feature can be left out
    config::OnRateLimit policy = config::OnRateLimit::cascade;
    Millis max_wait{5'000};
    Millis reopens{0};  // until a credential of this target may be used again
    // The failure came before anything was sent: this target cannot do what the request asks for.
    bool unsendable = false;
    double chance = 0;  // uniform in [0, 1)
    SteadyTime now{};
};

class RetryPlan {
  public:
    // `deadline`: by then the first content is there, or the request has failed.
    RetryPlan(const config::Retry& options, SteadyTime deadline)
        : options_(&options), deadline_(deadline) {}

    [[nodiscard]] Move after(const Error& failure, const Situation& situation);

    // Whether to wait for the first target that opens again, when none is open: once per request,
    // if it is soon.
    [[nodiscard]] std::optional<Millis> wait_for_opening(Millis opening, Millis max_wait,
                                                         SteadyTime now);

    // Delay number `retry` (from 0) without a word from the provider.
    [[nodiscard]] static Millis backoff(const config::Retry& options, unsigned retry,
                                        double chance);

  private:
    [[nodiscard]] const config::Retry& options_of(const Situation& situation) const;
    [[nodiscard]] Move again(const Error& failure, const Situation& situation, unsigned limit);
    [[nodiscard]] Move limited(const Situation& situation);
    [[nodiscard]] Move adapted(const Error& failure, const Situation& situation);
    [[nodiscard]] Move widened(const Error& failure, const Situation& situation) const;
    [[nodiscard]] Move next(const Situation& situation);
    [[nodiscard]] bool in_time(const Situation& situation, Millis delay) const;

    const config::Retry* options_;
    SteadyTime deadline_;
    unsigned retries_ = 0;  // of the present target
    bool waited_ = false;
    bool enlarged_ = false;
    bool clamped_ = false;
    bool reduced_ = false;
};

}  // namespace ccr::route
