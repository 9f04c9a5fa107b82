// SPDX-License-Identifier: MIT
#include "daemon/proxy/walk.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "daemon/proxy/adapt.hpp"
#include "daemon/proxy/conversation.hpp"
#include "daemon/route/search.hpp"
#include "daemon/search/tool.hpp"

namespace ccr::proxy {
namespace {

using To = route::Move::To;

std::vector<Seat> seats_of(const Turn& turn) {
    Needs needs;
    needs.chat = turn.chat.get();
    needs.door = &turn.door;
    needs.tokens = turn.estimated_tokens;
    return turn.snapshot->lineup.seats(turn.plan.candidates, turn.plan.route, needs);
}

std::size_t open_count(const std::vector<Seat>& seats) {
    return static_cast<std::size_t>(
        std::count_if(seats.begin(), seats.end(), [](const Seat& seat) { return !seat.reserve; }));
}

}  // namespace

Walk::Walk(Turn& turn)
    : turn_(turn),
      seats_(seats_of(turn)),
      deadline_(turn.started + turn.snapshot->config().api_timeout),
      plan_(turn.snapshot->config().dispatch.retry, deadline_) {
    turn_.prepared.resize(seats_.size());
}

const config::Dispatch& Walk::options() const {
    return turn_.snapshot->config().dispatch;
}

std::optional<Error> Walk::refusal() const {
    const chat::Request& request = *turn_.chat;
    if (!search::is_the_point(request)) return std::nullopt;
    const auto& engine = turn_.snapshot->config().web_search;
    const bool any = std::any_of(seats_.begin(), seats_.end(), [&](const Seat& seat) {
        return route::can_search(*seat.target, request, turn_.door, engine);
    });
    if (any) return std::nullopt;
    return route::no_search(*seats_.front().target);
}

Walk::Next Walk::advance() {
    const auto now = Clock::now();
    if (!begun_) {
        begun_ = true;
        if (open_count(seats_) < 2) return take(health().choose(seats_, now));
        if (options().promotion.max_conversations > 0) {
            turn_.conversation = conversation_hash(turn_, seats_.front().name);
        }
        Choice choice = health().choose_first(seats_, turn_.conversation, now);
        if (auto kept = keep_to_policy(choice)) return *kept;
        return take(std::move(choice));
    }
    if (only_current_) {
        only_current_ = false;
        const auto one = std::span(seats_).subspan(current_, 1);
        Choice choice = health().choose(one, now);
        if (choice.seat) {
            choice.seat = current_;
            return take(std::move(choice));
        }
    }
    return take(health().choose(seats_, now));
}

// A provider whose limits are not to be evaded by asking another one.
std::optional<Walk::Next> Walk::keep_to_policy(const Choice& choice) {
    const Seat& first = seats_.front();
    const bool limited = first.note == route::name(route::Closure::limited) ||
                         first.note == route::name(route::Closure::exhausted);
    if (choice.seat == 0U || !limited) return std::nullopt;
    const auto& limits = first.target->provider->config->rate_limit;
    const bool waits = limits.policy == config::OnRateLimit::wait && first.opens <= limits.max_wait;
    if (limits.policy != config::OnRateLimit::give_back && !waits) return std::nullopt;
    if (choice.seat) {
        Ticket unused = choice.ticket;
        health().abandoned(unused);
    }
    if (waits) return Next{Next::Do::wait, first.opens};
    for (Seat& seat : seats_)
        seat.spent = true;
    Outcome outcome;
    outcome.failure =
        Error(ErrorKind::rate_limited,
              "provider " + first.target->provider->config->name + " is rate limited");
    outcome.failure->retry_after = first.opens;
    keep(std::move(outcome));
    return Next{};
}

Walk::Next Walk::take(Choice choice) {
    if (!choice.seat) {
        const auto wait =
            plan_.wait_for_opening(choice.opens, options().rate_limit.max_wait, Clock::now());
        if (wait && choice.opens > Millis{0}) return {Next::Do::wait, *wait};
        note_passed_over(seats_.size());
        if (choice.last && verdict_ == nullptr) {
            Outcome outcome;
            outcome.failure = std::move(choice.last);
            outcome.failure->retry_after = choice.opens;
            keep(std::move(outcome));
        }
        return {};
    }
    note_passed_over(*choice.seat);
    current_ = *choice.seat;
    credential_ = choice.credential;
    learned_ = choice.learned;
    ++seats_[current_].tries;
    turn_.ticket = choice.ticket;
    turn_.target = seats_[current_].target;
    if (!choice.reason.empty()) turn_.picked = choice.reason;
    return {Next::Do::attempt, Millis{0}};
}

Prepared& Walk::prepared() {
    auto& slot = turn_.prepared[current_];
    if (slot == nullptr) {
        slot = std::make_unique<Prepared>(turn_, target());
        // What it cannot do without is asked for again, and refused again.
        if (learned_ != 0) slot->leave_out(*turn_.chat, learned_);
    }
    return *slot;
}

// So many requests a target may cost: its retries, one for each further key, and three changed
// ones.
unsigned Walk::most_tries(const Seat& seat) const {
    const unsigned retries = turn_.snapshot->lineup.retry(*seat.target).max_retries;
    return retries + static_cast<unsigned>(seat.keys.size()) + 3;
}

void Walk::note(Seat& seat, std::string_view what) {
    const std::string name = seat.target->provider->config->name + "," + seat.target->model;
    turn_.tried.append(turn_.tried.empty() ? "" : "; ").append(name).append("=").append(what);
    seat.note = {};
}

void Walk::note_passed_over(std::size_t before) {
    for (std::size_t i = 0; i < before; ++i) {
        Seat& seat = seats_[i];
        if (!seat.spent && seat.tries == 0 && !seat.note.empty()) note(seat, seat.note);
    }
}

void Walk::keep(Outcome outcome) {
    const auto telling = [](const Outcome& each) {
        return route::rule_of(each.failure->kind).telling;
    };
    if (verdict_ != nullptr && telling(*verdict_) >= telling(outcome)) return;
    verdict_ = std::make_unique<Outcome>(std::move(outcome));
}

route::Situation Walk::situation(const Outcome& outcome, const Aftermath& aftermath) {
    const Seat& seat = seats_[current_];
    const auto& limits = seat.target->provider->config->rate_limit;
    route::Situation place;
    place.retry = &turn_.snapshot->lineup.retry(*seat.target);
    const bool more = seat.tries < most_tries(seat);
    place.other_key =
        aftermath.other_key && more && seat.tries < seat.keys.size() + place.retry->max_retries;
    place.other_target = aftermath.other_target;
    place.larger_window = larger_window().has_value();
    place.unsendable = outcome.unsendable;
    place.policy = limits.policy;
    place.max_wait = limits.max_wait;
    place.reopens = aftermath.reopens;
    place.chance = aftermath.chance;
    place.now = Clock::now();
    const auto remedy = route::rule_of(outcome.failure->kind).remedy;
    if (remedy == route::Remedy::adapt && more && !outcome.unsendable) {
        place.adaptable = adapt(*outcome.failure);
    }
    return place;
}

// Changes the prepared request; it is only sent if the plan has it so.
bool Walk::adapt(const Error& failure) {
    if (failure.kind == ErrorKind::max_tokens) {
        const auto allowed = allowed_max_tokens(failure);
        const bool less = allowed && (turn_.max_tokens == 0 || *allowed < turn_.max_tokens);
        if (less) prepared().cap_output(*allowed);
        return less;
    }
    const std::uint32_t feature = refused_feature(failure);
    if (feature == 0 || !prepared().leave_out(*turn_.chat, feature)) return false;
    // What a conversation carries along says nothing about the target.
    if (feature != feature::signatures) health().learn(turn_.ticket, feature);
    return true;
}

Walk::Next Walk::after(Outcome outcome) {
    const Error failure = *outcome.failure;
    const auto& limits = target().provider->config->rate_limit;
    // What cannot be sent says nothing about the target.
    const Error told = outcome.unsendable ? Error(ErrorKind::cancelled, "") : failure;
    const Aftermath aftermath =
        health().failed(turn_.ticket, told, limits, seats_, current_, Clock::now());
    const auto move = plan_.after(failure, situation(outcome, aftermath));
    keep(std::move(outcome));
    return follow(move, failure);
}

Walk::Next Walk::turned_away() {
    health().abandoned(turn_.ticket);
    Outcome outcome;
    outcome.failure = Error(ErrorKind::unavailable,
                            "provider " + target().provider->config->name +
                                " has as many requests as it may have; try again shortly");
    outcome.failure->retry_after = Millis{1000};
    seats_[current_].spent = true;
    note(seats_[current_], "busy");
    keep(std::move(outcome));
    return elsewhere();
}

Walk::Next Walk::follow(route::Move move, const Error& failure) {
    Seat& seat = seats_[current_];
    const ErrorKind kind = failure.kind;
    if (move.to == To::same_target) {
        only_current_ = true;
        if (move.delay > Millis{0}) return {Next::Do::wait, move.delay};
        return advance();
    }
    const bool limited = kind == ErrorKind::rate_limited;
    // A limit may pass while the others are tried, or be waited for when they are through.
    seat.spent = !limited || seat.tries >= most_tries(seat);
    note(seat, traits(kind).name);
    if (move.to == To::larger_window) {
        for (Seat& other : seats_)
            other.spent = true;
        current_ = *larger_window();
        seats_[current_].spent = false;
        return elsewhere();
    }
    return move.to == To::next_target || may_pass(failure) ? elsewhere() : Next{};
}

// Not the end while another candidate may open again soon.
bool Walk::may_pass(const Error& failure) const {
    if (Clock::now() >= deadline_) return false;
    switch (route::rule_of(failure.kind).remedy) {
        case route::Remedy::give_up:
        case route::Remedy::larger_window:
            return false;
        case route::Remedy::by_limit:
            return target().provider->config->rate_limit.policy != config::OnRateLimit::give_back;
        default:
            return true;
    }
}

Walk::Next Walk::elsewhere() {
    only_current_ = false;
    return take(health().choose(seats_, Clock::now()));
}

// The one that takes the longest prompts, if it takes longer ones than the present.
std::optional<std::size_t> Walk::larger_window() const {
    const std::int64_t present = std::max(seats_[current_].window, turn_.estimated_tokens);
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        const Seat& seat = seats_[i];
        if (i == current_ || seat.tries > 0) continue;
        const bool larger = seat.window > present;
        const bool meant = seat.window == 0 && turn_.snapshot->lineup.takes_longest(seat);
        if (!larger && !meant) continue;
        if (!best || seat.window > seats_[*best].window) best = i;
    }
    return best;
}

void Walk::settled(const Outcome& outcome) {
    const auto now = Clock::now();
    if (turn_.ticket.open) health().abandoned(turn_.ticket);
    if (turn_.reply.client_lost() || turn_.reply.interrupted()) return;
    if (outcome.failure) {
        health().broken(turn_.ticket, now);
        return;
    }
    const auto tokens = turn_.usage.output_tokens;
    const std::chrono::duration<double, std::milli> took = now - turn_.sent;
    std::optional<double> per_token;
    if (tokens > 0 && !turn_.usage.estimated)
        per_token = took.count() / static_cast<double>(tokens);
    health().answered(turn_.ticket, took.count(), per_token, now);
}

void Walk::abandon() {
    if (turn_.ticket.open) health().abandoned(turn_.ticket);
}

Outcome& Walk::verdict() {
    if (verdict_ == nullptr) {
        verdict_ = std::make_unique<Outcome>();
        verdict_->failure =
            Error(ErrorKind::overloaded, "all targets of this route rest after failures");
        verdict_->failure->retry_after = health().opens(seats_, Clock::now());
    }
    Error& failure = *verdict_->failure;
    const bool passes = failure.kind == ErrorKind::rate_limited ||
                        failure.kind == ErrorKind::overloaded ||
                        (failure.kind == ErrorKind::billing && failure.retry_after);
    if (!passes) return *verdict_;
    const Millis opens = health().opens(seats_, Clock::now());
    if (opens == Millis{0}) {
        // Another is open, but was not to be asked; or the limit is over already.
        const bool limited = failure.kind == ErrorKind::rate_limited;
        if (limited && !failure.retry_after) failure.retry_after = opens;
        return *verdict_;
    }
    failure.retry_after = opens;
    // A provider's own answer says when it takes requests again; here another may be sooner.
    if (verdict_->status != 0 && verdict_->headers.has("retry-after")) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(opens).count();
        verdict_->headers.set("retry-after", std::to_string(std::max<std::int64_t>(seconds, 1)));
    }
    return *verdict_;
}

}  // namespace ccr::proxy
