// SPDX-License-Identifier: MIT
#include "daemon/proxy/health.hpp"

#include <algorithm>
#include <functional>

#include "daemon/route/retry_plan.hpp"

namespace ccr::proxy {
namespace {

// After so many failures in a row speed is no reason any more to prefer a target.
constexpr unsigned failing_after = 2;
// While a probe is under way: how long before it is worth to ask again.
constexpr Millis probe_time{1'000};
constexpr std::size_t max_kept_detail = 300;

using Pass = route::Breaker::Pass;
using route::Closure;

Error shortened(const Error& failure) {
    Error kept(failure.kind, failure.detail.substr(0, max_kept_detail));
    kept.upstream_status = failure.upstream_status;
    kept.code = failure.code;
    return kept;
}

}  // namespace

std::uint64_t target_hash(std::string_view provider, std::string_view model) {
    const std::hash<std::string_view> hash;
    const std::uint64_t first = hash(provider);
    return (first << 1U | first >> 63U) ^ hash(model);
}

Health::Health() : random_(std::random_device{}()) {}

void Health::configure(const config::Dispatch& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
    order_.set_options(options.promotion);
    affinity_.set_options(options.promotion);
}

Health::Id Health::id_of(const Seat& seat, SteadyTime now) {
    return id_of(seat.name, seat.target->provider->config->name, seat.target->model, now);
}

Health::Id Health::id_of(std::uint64_t name, std::string_view provider, std::string_view model,
                         SteadyTime now) {
    const auto known = index_.find(name);
    if (known != index_.end()) return known->second;
    const Id id = free_slot();
    State& state = *states_[id];
    state.provider = provider;
    state.model = model;
    state.name = name;
    state.used = now;
    index_.emplace(name, id);
    return id;
}

Health::Id Health::free_slot() {
    if (states_.size() < max_targets) {
        states_.push_back(std::make_unique<State>());
        return static_cast<Id>(states_.size() - 1);
    }
    const auto oldest =
        std::min_element(states_.begin(), states_.end(),
                         [](const auto& a, const auto& b) { return a->used < b->used; });
    const auto id = static_cast<Id>(oldest - states_.begin());
    index_.erase((*oldest)->name);
    order_.forget(id);
    const std::uint32_t generation = (*oldest)->generation + 1;
    **oldest = State();
    (*oldest)->generation = generation;
    return id;
}

Health::State* Health::state_of(const Ticket& ticket) {
    if (ticket.id >= states_.size()) return nullptr;
    State& state = *states_[ticket.id];
    return state.generation == ticket.generation ? &state : nullptr;
}

double Health::chance() {
    return std::uniform_real_distribution<double>(0, 1)(random_);
}

Health::Standing Health::standing(const State& state, const Seat& seat, SteadyTime now,
                                  std::string_view& why, SteadyTime& opens) const {
    if (!state.breaker.admits(now)) {
        why = "open";
        const bool probing = state.breaker.open_until() <= now;
        opens = probing ? now + probe_time : state.breaker.open_until();
        return Standing::closed;
    }
    if (!state.rates.pick(seat.keys, state.next_key, now)) {
        Closure closure = Closure::none;
        opens = state.rates.open_at(seat.keys, now, &closure);
        why = route::name(closure);
        // The others may have been put right meanwhile, and asking costs one refusal.
        const bool certain = closure == Closure::limited || closure == Closure::exhausted;
        return certain ? Standing::closed : Standing::doubtful;
    }
    if (now < state.missing_until) {
        why = "missing";
        return Standing::doubtful;
    }
    if (!seat.fits) why = "unfit";
    return seat.fits ? Standing::open : Standing::doubtful;
}

void Health::take(Choice& choice, std::size_t index, const Seat& seat, SteadyTime now) {
    const Id id = id_of(seat, now);
    State& state = *states_[id];
    const auto key = state.rates.pick(seat.keys, state.next_key, now);
    choice.seat = index;
    choice.credential = key.value_or(state.next_key % seat.keys.size());
    state.next_key = (choice.credential + 1) % seat.keys.size();
    state.used = now;
    choice.learned = state.learned;
    choice.ticket = {
        id, state.generation, state.breaker.enter(now), seat.keys[choice.credential], now, true};
}

Choice Health::choose_locked(std::span<Seat> seats, SteadyTime now) {
    Choice choice;
    std::optional<std::size_t> doubtful;
    SteadyTime first = SteadyTime::max();
    for (std::size_t i = 0; i < seats.size(); ++i) {
        Seat& seat = seats[i];
        if (seat.spent) continue;
        const State& state = *states_[id_of(seat, now)];
        SteadyTime opens = now;
        std::string_view why;
        const Standing standing = this->standing(state, seat, now, why, opens);
        if (standing == Standing::open) {
            take(choice, i, seat, now);
            return choice;
        }
        seat.note = why;
        seat.opens = std::chrono::ceil<Millis>(opens - now);
        if (standing == Standing::doubtful) {
            if (!doubtful) doubtful = i;
            continue;
        }
        first = std::min(first, opens);
        const auto telling = [](const std::optional<Error>& error) {
            return error ? route::rule_of(error->kind).telling : -1;
        };
        if (telling(state.last) > telling(choice.last)) choice.last = state.last;
    }
    if (doubtful) {
        take(choice, *doubtful, seats[*doubtful], now);
    } else if (first != SteadyTime::max()) {
        choice.opens = std::chrono::ceil<Millis>(first - now);
    }
    return choice;
}

Choice Health::choose(std::span<Seat> seats, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    return choose_locked(seats, now);
}

void Health::order(std::vector<Seat>& seats, SteadyTime now) {
    const auto mode = options_.promotion.mode;
    if (mode == config::PromotionMode::off) return;
    ids_.clear();
    for (const Seat& seat : seats)
        ids_.push_back(id_of(seat, now));
    order_.arrange(ids_, mode == config::PromotionMode::all ? 0 : 1, now);
    arranged_.clear();
    for (const Id id : ids_) {
        const auto seat = std::find_if(seats.begin(), seats.end(), [&](const Seat& entry) {
            return entry.name == states_[id]->name;
        });
        arranged_.push_back(*seat);
    }
    seats.swap(arranged_);
}

std::string_view Health::order_for(std::vector<Seat>& seats, std::uint64_t conversation,
                                   SteadyTime now) {
    const std::uint64_t configured = seats.front().name;
    order(seats, now);
    const std::string_view promoted = seats.front().name == configured ? "" : "promoted";
    const auto last = conversation == 0 ? std::nullopt : affinity_.find(conversation, now);
    const auto home = std::find_if(seats.begin(), seats.end(), [&last](const Seat& seat) {
        return last && seat.name == *last;
    });
    if (home == seats.end()) return promoted;
    SteadyTime opens = now;
    std::string_view why;
    const State& state = *states_[id_of(*home, now)];
    if (standing(state, *home, now, why, opens) != Standing::open) return promoted;
    std::rotate(seats.begin(), home, home + 1);
    return seats.front().name == configured ? "" : "conversation";
}

Choice Health::choose_first(std::vector<Seat>& seats, std::uint64_t conversation, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    const std::string_view reason = order_for(seats, conversation, now);
    Choice choice = choose_locked(seats, now);
    if (choice.seat && *choice.seat == 0) choice.reason = reason;
    return choice;
}

void Health::note_failing(Id id, const State& state, SteadyTime now) {
    const bool failing = state.breaker.consecutive_failures() >= failing_after ||
                         state.breaker.state(now) != route::Breaker::State::closed;
    order_.set_failing(id, failing, now);
}

void Health::content(Ticket& ticket, const Arrival& arrival, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    ticket.open = false;
    State* state = state_of(ticket);
    if (state == nullptr) return;
    state->breaker.success(options_.breaker, ticket.pass, now);
    state->missing_until = {};
    if (state->rates.find(ticket.fingerprint) != nullptr) {
        state->rates.state(ticket.fingerprint).success();
    }
    if (arrival.exhausted) {
        state->rates.state(ticket.fingerprint).exhausted(now, *arrival.exhausted);
    }
    if (arrival.first_content) order_.first_content(ticket.id, *arrival.first_content, now);
    note_failing(ticket.id, *state, now);
    if (arrival.conversation != 0) affinity_.put(arrival.conversation, state->name, now);
}

void Health::mark(State& state, Ticket& ticket, const Error& failure,
                  const config::RateLimit& limits, SteadyTime now) {
    route::RateState& rate = state.rates.state(ticket.fingerprint);
    switch (route::rule_of(failure.kind).blame) {
        case route::Blame::limited:
            rate.limited(limits, ticket.sent, now, failure.retry_after, chance());
            break;
        case route::Blame::quota:
            rate.out_of_quota(limits, now, failure.retry_after);
            break;
        case route::Blame::refused:
            rate.refused(limits, now);
            break;
        case route::Blame::missing:
            state.missing_until = now + limits.missing_delay;
            break;
        case route::Blame::breaker:
            // An overloaded provider may say, too, when to come back.
            if (failure.retry_after) {
                rate.limited(limits, ticket.sent, now, failure.retry_after, 0);
            }
            break;
        case route::Blame::none:
            break;
    }
}

Aftermath Health::failed(Ticket& ticket, const Error& failure, const config::RateLimit& limits,
                         std::span<const Seat> seats, std::size_t seat, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    Aftermath after;
    after.chance = chance();
    for (std::size_t i = 0; i < seats.size(); ++i) {
        if (i == seat || seats[i].spent) continue;
        SteadyTime opens = now;
        std::string_view why;
        const auto& other = *states_[id_of(seats[i], now)];
        if (standing(other, seats[i], now, why, opens) != Standing::closed) {
            after.other_target = true;
        }
    }
    ticket.open = false;
    State* state = state_of(ticket);
    if (state == nullptr) return after;
    if (route::blames_target(failure.kind)) {
        state->breaker.failure(options_.breaker, ticket.pass, now);
    } else {
        state->breaker.abandon(ticket.pass);
    }
    note_failing(ticket.id, *state, now);
    if (failure.kind == ErrorKind::cancelled) return after;
    state->last = shortened(failure);
    mark(*state, ticket, failure, limits, now);
    after.other_key = state->rates.pick(seats[seat].keys, state->next_key, now).has_value();
    after.reopens = std::chrono::ceil<Millis>(state->rates.open_at(seats[seat].keys, now) - now);
    return after;
}

void Health::abandoned(Ticket& ticket) {
    const std::lock_guard lock(mutex_);
    ticket.open = false;
    if (State* state = state_of(ticket)) state->breaker.abandon(ticket.pass);
}

void Health::broken(const Ticket& ticket, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    State* state = state_of(ticket);
    if (state == nullptr) return;
    state->breaker.failure(options_.breaker, Pass::normal, now);
    note_failing(ticket.id, *state, now);
}

void Health::answered(const Ticket& ticket, double ms, std::optional<double> ms_per_token,
                      SteadyTime now) {
    const std::lock_guard lock(mutex_);
    if (state_of(ticket) == nullptr) return;
    order_.total(ticket.id, ms, now);
    if (ms_per_token) order_.per_token(ticket.id, *ms_per_token, now);
}

void Health::learn(const Ticket& ticket, std::uint32_t features) {
    const std::lock_guard lock(mutex_);
    if (State* state = state_of(ticket)) state->learned |= features;
}

Millis Health::opens(std::span<const Seat> seats, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    SteadyTime first = SteadyTime::max();
    for (const Seat& seat : seats) {
        if (seat.reserve) continue;
        SteadyTime opens = now;
        std::string_view why;
        std::ignore = standing(*states_[id_of(seat, now)], seat, now, why, opens);
        first = std::min(first, opens);
    }
    return first == SteadyTime::max() ? Millis{0} : std::chrono::ceil<Millis>(first - now);
}

}  // namespace ccr::proxy
