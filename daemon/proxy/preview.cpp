// SPDX-License-Identifier: MIT
#include "daemon/proxy/preview.hpp"

#include <algorithm>

#include "daemon/proxy/conversation.hpp"

namespace ccr::proxy {
namespace {

std::string reason_of(const Seat& seat, const Seat& configured, bool leads) {
    if (seat.reserve) return "only for a prompt that is too long for the others";
    if (seat.note == "unfit") return "cannot do what the request needs; asked if all else fails";
    if (seat.note == "open") return "passed over: it keeps failing (breaker open)";
    if (seat.note == "missing") return "the provider has no such model; asked if all else fails";
    if (seat.note == "refused") return "its key was refused; asked if all else fails";
    if (seat.note == "quota") return "its quota is used up; asked if all else fails";
    if (!seat.note.empty() && seat.note != "conversation" && seat.note != "promoted") {
        return "passed over: rate limited";
    }
    if (seat.name == configured.name) return "the route's target";
    if (seat.note == "conversation") return "it has served this conversation";
    return leads ? "promoted: faster than the route's target" : "stands in";
}

bool certain_to_be_passed_over(const Seat& seat) {
    return seat.reserve || seat.note == "open" || seat.note == "limited" ||
           seat.note == "exhausted";
}

}  // namespace

std::vector<Prospect> preview(const Turn& turn) {
    Needs needs;
    needs.chat = turn.chat.get();
    needs.door = &turn.door;
    needs.tokens = turn.estimated_tokens;
    auto seats = turn.snapshot->lineup.seats(turn.plan.candidates, turn.plan.route, needs);
    if (seats.empty()) return {};
    const Seat configured = seats.front();
    const bool homes = turn.snapshot->config().dispatch.promotion.max_conversations > 0;
    const auto conversation = homes ? conversation_hash(turn, configured.name) : 0;
    turn.worker.shared->health.preview(seats, conversation, Clock::now());
    std::vector<Prospect> out;
    for (const Seat& seat : seats) {
        const bool leads = out.empty();
        out.push_back({*seat.target, !certain_to_be_passed_over(seat),
                       reason_of(seat, configured, leads), seat.opens});
    }
    return out;
}

}  // namespace ccr::proxy
