// SPDX-License-Identifier: MIT
// What Health shows to status pages, and what it takes back after a restart.
#include <algorithm>

#include "daemon/proxy/health.hpp"

namespace ccr::proxy {
namespace {

Millis left(SteadyTime until, SteadyTime now) {
    return std::max(std::chrono::ceil<Millis>(until - now), Millis{0});
}

TargetReport::Measure measured(const route::Ewma& ewma, const config::Promotion& options,
                               SteadyTime now) {
    if (ewma.samples() == 0) return {};
    return {ewma.value(), ewma.samples(), std::chrono::duration_cast<Millis>(now - ewma.last()),
            ewma.known(options, now)};
}

void restore_measure(route::Ewma& ewma, const TargetReport::Measure& measure, SteadyTime now) {
    if (measure.samples > 0) ewma.restore(measure.value, measure.samples, now - measure.age);
}

}  // namespace

void Health::arrange(std::vector<Seat>& seats, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    order(seats, now);
}

void Health::preview(std::vector<Seat>& seats, std::uint64_t conversation, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    seats.front().note = order_for(seats, conversation, now);
    for (Seat& seat : seats) {
        SteadyTime opens = now;
        std::string_view why;
        const State& state = *states_[id_of(seat, now)];
        if (standing(state, seat, now, why, opens) == Standing::open) continue;
        seat.note = why;
        seat.opens = left(opens, now);
    }
}

std::vector<TargetReport> Health::report(SteadyTime now) const {
    const std::lock_guard lock(mutex_);
    std::vector<TargetReport> out;
    for (Id id = 0; id < states_.size(); ++id) {
        const State& state = *states_[id];
        TargetReport& entry = out.emplace_back();
        entry.provider = state.provider;
        entry.model = state.model;
        entry.breaker = state.breaker.state(now);
        entry.breaker_left = entry.breaker == route::Breaker::State::open
                                 ? left(state.breaker.open_until(), now)
                                 : Millis{0};
        entry.breaker_period = state.breaker.open_period();
        entry.consecutive_failures = state.breaker.consecutive_failures();
        entry.first_content = measured(order_.latency(id).first_content, options_.promotion, now);
        entry.per_token = measured(order_.latency(id).per_token, options_.promotion, now);
        entry.total = measured(order_.latency(id).total, options_.promotion, now);
        entry.missing_left = left(state.missing_until, now);
        for (const auto& [fingerprint, rate] : state.rates.credentials()) {
            entry.keys.push_back(
                {fingerprint, rate.closure(now), left(rate.open_at(now), now), rate.streak()});
        }
        if (state.last) entry.last_error = traits(state.last->kind).name;
    }
    return out;
}

void Health::restore(const std::vector<TargetReport>& targets, SteadyTime now) {
    const std::lock_guard lock(mutex_);
    for (const TargetReport& entry : targets) {
        if (index_.size() >= max_targets) break;
        const Id id =
            id_of(target_hash(entry.provider, entry.model), entry.provider, entry.model, now);
        State& state = *states_[id];
        // A target in trouble gets its first probe right after the restart at the latest when it
        // would have had it anyway.
        if (entry.breaker != route::Breaker::State::closed) {
            state.breaker.restore_open(now + entry.breaker_left, entry.breaker_period);
        }
        restore_measure(order_.latency(id).first_content, entry.first_content, now);
        restore_measure(order_.latency(id).per_token, entry.per_token, now);
        restore_measure(order_.latency(id).total, entry.total, now);
        order_.set_failing(id, entry.breaker != route::Breaker::State::closed, now);
        state.missing_until = now + entry.missing_left;
        for (const auto& key : entry.keys) {
            state.rates.state(key.fingerprint).restore(key.closure, now + key.left, key.streak);
        }
    }
}

}  // namespace ccr::proxy
