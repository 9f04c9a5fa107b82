// SPDX-License-Identifier: MIT
#include "daemon/proxy/messages.hpp"

#include "common/error_body.hpp"
#include "common/log.hpp"
#include "common/text.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/client_stream.hpp"
#include "daemon/proxy/local_answer.hpp"
#include "daemon/proxy/routing.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {
namespace {

// Counts a request among those in flight for as long as it lives.
class Admission {
  public:
    explicit Admission(Shared& shared) : shared_(shared), count_(++shared.streams) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;
    ~Admission() { --shared_.streams; }
    [[nodiscard]] std::size_t count() const { return count_; }

  private:
    Shared& shared_;
    std::size_t count_;
};

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

// The provider's own error answer, as it is; what is no JSON (a gateway's HTML page) is put into
// the usual envelope. A bare 401 would send clients into their login.
asio::awaitable<void> hand_on(Turn& turn, Outcome& outcome) {
    if (!trim(outcome.body).starts_with('{')) {
        const Error& failure = *outcome.failure;
        outcome.body = error_body(failure, turn.reply.request_id());
        outcome.headers.set("content-type", "application/json");
    }
    turn.failure = traits(outcome.failure->kind).name;
    turn.add_headers(outcome.headers);
    if (outcome.status == 401) outcome.headers.set("x-should-retry", "false");
    auto sent = co_await turn.reply.send(outcome.status, outcome.headers, outcome.body);
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
        const std::string frame = error_event(*outcome.failure, turn.reply.request_id());
        co_await client.fail(frame);
        co_return;
    }
    if (outcome.status != 0) {
        co_await hand_on(turn, outcome);
        co_return;
    }
    co_await refuse(turn, *outcome.failure);
}

asio::awaitable<void> dispatch(Turn& turn) {
    if (turn.max_tokens == 0 && turn.plan.candidates.front().provider->dialect != &turn.door) {
        co_await answer_prewarm(turn);
        co_return;
    }
    ClientStream client(turn);
    Outcome outcome;
    for (const auto& target : turn.plan.candidates) {
        // Large and done with before the next one starts: on the heap, so that the frame of a
        // long-lived stream stays small.
        auto attempt = std::make_unique<Attempt>(turn, client, target);
        outcome = co_await attempt->run();
        turn.reply.on_peer_gone(nullptr);
        break;  // further candidates and retries are the retry plan's to decide
    }
    co_await conclude(turn, client, outcome);
}

}  // namespace

asio::awaitable<void> answer(Worker& worker, const dialect::Dialect& door, http::Request& request,
                             http::Reply& reply) {
    Admission admission(*worker.shared);
    Turn turn(worker, request, reply, door);
    if (admission.count() > turn.snapshot->config().server.max_streams) {
        Error error(ErrorKind::unavailable, "too many requests in flight; try again shortly");
        error.retry_after = Millis{1000};
        co_await refuse(turn, error);
        turn.log_access();
        co_return;
    }
    auto decoded = turn.decode();
    Result<route::Plan> planned = Error();
    if (decoded) look_up_router(turn);
    if (!decoded) {
        planned = std::move(decoded).error();
    } else if (routes_at_once(turn)) {
        planned = choose_at_once(turn);
    } else {
        planned = co_await choose_route(turn);
    }
    if (planned) {
        turn.plan = std::move(*planned);
        co_await dispatch(turn);
    } else {
        co_await refuse(turn, planned.error());
    }
    remember_size(turn);
    turn.log_access();
}

}  // namespace ccr::proxy
