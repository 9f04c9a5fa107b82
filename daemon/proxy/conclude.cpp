// SPDX-License-Identifier: MIT
#include "daemon/proxy/conclude.hpp"

#include <algorithm>

#include "common/log.hpp"
#include "common/text.hpp"

namespace ccr::proxy {
namespace {

void add_advice(const Error& error, http::Headers& headers) {
    if (error.retry_after) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
        headers.add("retry-after", std::to_string(std::max<std::int64_t>(seconds, 1)));
    }
    // Without it clients repeat for minutes what cannot get better.
    const bool final = error.kind == ErrorKind::unauthorized || error.kind == ErrorKind::policy ||
                       error.kind == ErrorKind::not_supported;
    if (final) headers.add("x-should-retry", "false");
}

// A quota that comes back at a known time is something to wait for, not to pay for.
Error as_told(Error error) {
    if (error.kind == ErrorKind::billing && error.retry_after) error.kind = ErrorKind::rate_limited;
    return error;
}

// The provider's own error answer, as it is; what is no JSON (a gateway's HTML page) is put into
// the usual envelope. A bare 401 would send clients into their login.
asio::awaitable<void> hand_on(Turn& turn, Outcome& outcome) {
    if (!trim(outcome.body).starts_with('{')) {
        const Error& failure = *outcome.failure;
        outcome.body = turn.door.errors->body(failure, turn.reply.request_id());
        outcome.headers.set("content-type", "application/json");
    }
    turn.failure = traits(outcome.failure->kind).name;
    turn.add_headers(outcome.headers);
    if (outcome.status == 401) outcome.headers.set("x-should-retry", "false");
    auto sent = co_await turn.reply.send(outcome.status, outcome.headers, outcome.body);
    if (!sent) turn.reply.abort();
}

}  // namespace

asio::awaitable<void> refuse(Turn& turn, const Error& cause) {
    const Error error = as_told(cause);
    turn.failure = traits(error.kind).name;
    log::debug(std::string(turn.reply.request_id()) + " " + printable(error.chain(), 500));
    http::Headers headers;
    turn.add_headers(headers);
    add_advice(error, headers);
    auto sent = co_await turn.reply.send_error(error, headers);
    if (!sent) turn.reply.abort();
}

asio::awaitable<void> conclude(Turn& turn, ClientStream& client, Outcome& outcome) {
    if (outcome.settled) {
        if (outcome.failure) turn.failure = traits(outcome.failure->kind).name;
        co_return;
    }
    if (turn.reply.peer_gone()) {
        turn.failure = traits(ErrorKind::cancelled).name;
        turn.reply.abort();
        co_return;
    }
    if (client.open()) {
        turn.failure = traits(outcome.failure->kind).name;
        co_await client.fail(*outcome.failure);
        co_return;
    }
    if (outcome.status != 0) {
        co_await hand_on(turn, outcome);
        co_return;
    }
    co_await refuse(turn, *outcome.failure);
}

}  // namespace ccr::proxy
