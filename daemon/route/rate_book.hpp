// SPDX-License-Identifier: MIT
// What is known of the limits of one target with one credential: until when there is no use in
// asking. Pure; the caller hands in the time and guards against concurrent use.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/config/dispatch.hpp"
#include "common/result.hpp"
#include "common/time.hpp"

namespace ccr::route {

enum class Closure : std::uint8_t {
    none,
    limited,    // a rate limit
    exhausted,  // the headers of an answer said that nothing remains
    quota,      // quota or balance used up
    refused,    // credential not accepted
};

[[nodiscard]] const char* name(Closure closure);

// One target with one credential.
class RateState {
  public:
    // A refusal for a limit. `sent`: when that request went out: the answers to requests that were
    // under way together are one episode and make the wait longer only once. `retry_after`: the
    // provider's own word, taken as it is. `chance`: uniform in [0, 1), the jitter of our own word.
    void limited(const config::RateLimit& options, SteadyTime sent, SteadyTime now,
                 std::optional<Millis> retry_after, double chance);
    // Quota or balance used up.
    void out_of_quota(const config::RateLimit& options, SteadyTime now,
                      std::optional<Millis> retry_after);
    void refused(const config::RateLimit& options, SteadyTime now);
    // Informational headers of any answer: nothing remains for so long.
    void exhausted(SteadyTime now, Millis reset);
    // An answer with content. A wait that other headers ask for stays.
    void success();

    [[nodiscard]] Closure closure(SteadyTime now) const;
    // When closure() is none again; `now` if it is.
    [[nodiscard]] SteadyTime open_at(SteadyTime now) const;
    // Refusals in a row, the exponent of the next wait of our own.
    [[nodiscard]] unsigned streak() const { return streak_; }

    void restore(Closure closure, SteadyTime until, unsigned streak);

  private:
    void close(Closure closure, SteadyTime until, SteadyTime now);

    Closure closure_ = Closure::none;
    unsigned streak_ = 0;
    SteadyTime until_{};
    SteadyTime last_refusal_{};
};

// A credential by its fingerprint, with its state.
struct Credential {
    std::uint64_t fingerprint = 0;
    RateState rate;
};

// The states of one target, by credential. Those of the oldest are dropped beyond
// `max_credentials`.
class RateBook {
  public:
    static constexpr std::size_t max_credentials = 256;

    [[nodiscard]] RateState& state(std::uint64_t fingerprint);
    [[nodiscard]] const RateState* find(std::uint64_t fingerprint) const;
    [[nodiscard]] const std::vector<Credential>& credentials() const { return credentials_; }

    // The first open key from `start` on, round and round; nothing if all are closed.
    [[nodiscard]] std::optional<std::size_t> pick(std::span<const std::uint64_t> keys,
                                                  std::size_t start, SteadyTime now) const;
    // When the first of them opens, and what keeps it closed until then.
    [[nodiscard]] SteadyTime open_at(std::span<const std::uint64_t> keys, SteadyTime now,
                                     Closure* why = nullptr) const;

  private:
    std::vector<Credential> credentials_;
};

}  // namespace ccr::route
