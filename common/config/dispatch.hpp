// SPDX-License-Identifier: MIT
// The numbers of dispatch: how often and how soon to try again, when to leave a target alone, when
// to prefer another. Each is a configuration key; the pure modules of daemon/route take these
// structures as they are. Included by model.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/time.hpp"

namespace ccr::config {

// `Retry`: failed attempts at one target.
struct Retry {
    unsigned max_retries = 3;  // of the same target, after its first attempt
    Millis base_delay{200};    // delay n is drawn from [0, min(max_delay, base_delay × growth^n)]
    Millis max_delay{10'000};
    double growth = 2;  // Router.tierRetries only
    // Failures that are the caller's own and would be returned at once, but are to be tried at the
    // next target: statuses ("400") or names of error kinds ("policy").
    std::vector<std::string> fallback_on;

    friend bool operator==(const Retry&, const Retry&) = default;
};

// `Breaker`: when a target is left alone.
struct Breaker {
    unsigned failures = 5;       // consecutive ones that open it; 0: never
    unsigned window = 20;        // or: of so many outcomes …
    Millis window_time{60'000};  // … within this time …
    double ratio = 0.5;          // … this share failed
    Millis open{15'000};         // first time; doubles with each failed probe …
    Millis max_open{300'000};    // … up to this
};

// What a request does when its target is rate limited.
enum class OnRateLimit : std::uint8_t {
    cascade,    // goes to the next target
    wait,       // waits for the same one if that is short
    give_back,  // returns the 429: `return`
};

// `RateLimit`: waits that a provider's refusals cause.
struct RateLimit {
    Millis base_delay{1'000};     // without Retry-After: full jitter over base_delay × 2^k …
    Millis max_delay{60'000};     // … up to this; a provider's own Retry-After is not cut
    Millis quota_delay{900'000};  // quota used up, and no word when it returns
    Millis misconfigured_delay{60'000};         // credentials refused
    Millis missing_delay{600'000};              // model not known
    OnRateLimit policy = OnRateLimit::cascade;  // providers may have their own
    Millis max_wait{5'000};                     // longest wait in place
    bool honor_headers = true;  // informational headers (remaining 0) close a target too
};

enum class PromotionMode : std::uint8_t { off, fallbacks, all };

// `Promotion`: preferring targets that answer sooner. `Router.promotion` is the mode.
struct Promotion {
    PromotionMode mode = PromotionMode::fallbacks;
    double alpha = 0.3;         // weight of a new sample
    unsigned min_samples = 3;   // before a target counts as known
    Millis half_life{300'000};  // of the confidence in a measurement
    double ratio = 0.8;         // B goes before A if it takes less than this share of A's time …
    Millis dwell{30'000};       // … for so long
    std::uint32_t max_conversations = 10'000;  // whose last target is remembered …
    Millis conversation_idle{3'600'000};       // … for so long after their last request
};

// `Queue`: requests waiting for a provider with maxConcurrent.
struct Queue {
    unsigned limit = 256;  // per provider
    Millis timeout{5'000};
};

// `Dedup`: identical requests of a session that are in flight together get one answer.
struct Dedup {
    bool enabled = true;
};

// All of them, as members of Config.
struct Dispatch {
    Retry retry;
    Breaker breaker;
    RateLimit rate_limit;
    Promotion promotion;
    Queue queue;
    Dedup dedup;
};

}  // namespace ccr::config
