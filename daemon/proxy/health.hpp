// SPDX-License-Identifier: MIT
// How the targets are doing: breakers, rate limits, latencies, conversations. One object for the
// whole process that outlives configurations; the decisions are those of daemon/route, this adds
// the lock. Touched before each attempt, at its first content or failure, and at its end; the lock
// is held for a scan of the candidates at most and never across a suspension.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/config/dispatch.hpp"
#include "common/result.hpp"
#include "daemon/route/affinity.hpp"
#include "daemon/route/breaker.hpp"
#include "daemon/route/plan.hpp"
#include "daemon/route/rate_book.hpp"
#include "daemon/route/tier_order.hpp"

namespace ccr::proxy {

// One candidate of one request. `target` and `keys` are borrowed for the request's time.
struct Seat {
    const route::Target* target = nullptr;
    std::uint64_t name = 0;               // target_hash()
    std::span<const std::uint64_t> keys;  // fingerprints of the provider's credentials; never empty
    bool fits = true;                     // as far as known it can do what the request needs
    bool spent = false;                   // not to be asked again by this request
    bool reserve = false;                 // spent from the start, see Lineup::seats()
    unsigned tries = 0;
    std::int64_t window = 0;  // tokens of context; 0: unknown
    std::string_view note;    // why it was passed over or what came of it; a literal or kind name
    Millis opens{0};          // passed over: how soon it opens again
};

[[nodiscard]] std::uint64_t target_hash(std::string_view provider, std::string_view model);

// An attempt that was let through. Goes back with what came of it: exactly one of content() and
// failed() or abandoned(), and after content() perhaps broken() or answered().
struct Ticket {
    std::uint32_t id = 0;
    std::uint32_t generation = 0;
    route::Breaker::Pass pass = route::Breaker::Pass::refused;
    std::uint64_t fingerprint = 0;
    SteadyTime sent{};
    bool open = false;  // neither content() nor failed() nor abandoned() yet
};

struct Choice {
    std::optional<std::size_t> seat;  // nothing: none is open
    std::size_t credential = 0;       // index into the seat's keys
    Ticket ticket;
    std::uint32_t learned = 0;  // what the target refused before, see adapt.hpp
    std::string_view reason;    // "", "promoted", "conversation"
    // Without a seat: how soon one opens, and what the one with the most to say last failed with.
    Millis opens{0};
    std::optional<Error> last;
};

// The first content of an answer.
struct Arrival {
    std::optional<Millis> first_content;  // since it was asked for; none of answers in one piece
    std::optional<Millis> exhausted;      // the headers say that nothing remains for so long
    std::uint64_t conversation = 0;       // which it served; 0: nobody asks
};

struct Aftermath {
    bool other_key = false;     // another credential of the target is open
    bool other_target = false;  // another seat is open
    Millis reopens{0};          // until a credential of the target may be used again
    double chance = 0;          // uniform in [0, 1), for jitter
};

// A target as status pages show it and the state file keeps it. Times are relative to the moment
// of the report.
struct TargetReport {
    struct Measure {
        double value = 0;  // ms
        unsigned samples = 0;
        Millis age{0};  // of the last one
        bool known = false;
    };
    struct Key {
        std::uint64_t fingerprint = 0;
        route::Closure closure = route::Closure::none;
        Millis left{0};
        unsigned streak = 0;
    };
    std::string provider;
    std::string model;
    route::Breaker::State breaker = route::Breaker::State::closed;
    Millis breaker_left{0};
    Millis breaker_period{0};
    unsigned consecutive_failures = 0;
    Measure first_content;
    Measure per_token;
    Measure total;
    Millis missing_left{0};
    std::vector<Key> keys;
    std::string last_error;  // kind's name; empty: none so far
};

class Health {
  public:
    // Clients may name any model, so targets come and go; those used last are kept.
    static constexpr std::size_t max_targets = 1024;

    Health();

    // Takes over the numbers of a (re)loaded configuration. What is known stays.
    void configure(const config::Dispatch& options);

    // The first seat that is open, in their order. With `conversation` (0: none), which is given on
    // a request's first call, they are put in order before: by latency, and the one that served the
    // conversation last to the front.
    [[nodiscard]] Choice choose(std::span<Seat> seats, SteadyTime now);
    [[nodiscard]] Choice choose_first(std::vector<Seat>& seats, std::uint64_t conversation,
                                      SteadyTime now);

    // The first content arrived.
    void content(Ticket& ticket, const Arrival& arrival, SteadyTime now);
    // The attempt failed without content. `limits`: those of the provider.
    Aftermath failed(Ticket& ticket, const Error& failure, const config::RateLimit& limits,
                     std::span<const Seat> seats, std::size_t seat, SteadyTime now);
    // It ended without saying anything about the target.
    void abandoned(Ticket& ticket);
    // After content(): the answer broke off, or is complete.
    void broken(const Ticket& ticket, SteadyTime now);
    // `ms`: the whole answer's; per token where the provider has counted them.
    void answered(const Ticket& ticket, double ms, std::optional<double> ms_per_token,
                  SteadyTime now);

    // The target does without this from now on; for the life of the process.
    void learn(const Ticket& ticket, std::uint32_t features);
    // How soon the first seat opens, whether it is spent or not; 0: one is open.
    [[nodiscard]] Millis opens(std::span<const Seat> seats, SteadyTime now);

    // Puts seats into the order that choose_first() would give to a new conversation.
    void arrange(std::vector<Seat>& seats, SteadyTime now);
    // What choose_first() would do, done to nobody: the order, and in each seat's note and opens
    // why it would be passed over now.
    void preview(std::vector<Seat>& seats, std::uint64_t conversation, SteadyTime now);
    [[nodiscard]] std::vector<TargetReport> report(SteadyTime now) const;
    void restore(const std::vector<TargetReport>& targets, SteadyTime now);

  private:
    using Id = route::TierOrder::Id;
    struct State {
        std::string provider;
        std::string model;
        std::uint64_t name = 0;
        std::uint32_t generation = 0;
        route::Breaker breaker;
        route::RateBook rates;
        SteadyTime missing_until{};
        std::size_t next_key = 0;
        std::uint32_t learned = 0;
        SteadyTime used{};
        std::optional<Error> last;
    };
    enum class Standing : std::uint8_t { open, doubtful, closed };

    [[nodiscard]] Id id_of(const Seat& seat, SteadyTime now);
    [[nodiscard]] Id id_of(std::uint64_t name, std::string_view provider, std::string_view model,
                           SteadyTime now);
    [[nodiscard]] Id free_slot();
    [[nodiscard]] State* state_of(const Ticket& ticket);
    [[nodiscard]] Standing standing(const State& state, const Seat& seat, SteadyTime now,
                                    std::string_view& why, SteadyTime& opens) const;
    [[nodiscard]] Choice choose_locked(std::span<Seat> seats, SteadyTime now);
    void take(Choice& choice, std::size_t index, const Seat& seat, SteadyTime now);
    void order(std::vector<Seat>& seats, SteadyTime now);
    // "conversation", "promoted" or "": why the first seat is not the configured one.
    [[nodiscard]] std::string_view order_for(std::vector<Seat>& seats, std::uint64_t conversation,
                                             SteadyTime now);
    void mark(State& state, Ticket& ticket, const Error& failure, const config::RateLimit& limits,
              SteadyTime now);
    void note_failing(Id id, const State& state, SteadyTime now);
    [[nodiscard]] double chance();

    mutable std::mutex mutex_;
    config::Dispatch options_;
    std::vector<std::unique_ptr<State>> states_;  // by id
    std::unordered_map<std::uint64_t, Id> index_;
    route::TierOrder order_;
    route::Affinity affinity_;
    std::minstd_rand random_;
    std::vector<Id> ids_;         // scratch of order()
    std::vector<Seat> arranged_;  // the same
};

}  // namespace ccr::proxy
