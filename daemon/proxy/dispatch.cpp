// SPDX-License-Identifier: MIT
#include "daemon/proxy/dispatch.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "daemon/net/waiter.hpp"
#include "daemon/proxy/admission.hpp"
#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/client_stream.hpp"
#include "daemon/proxy/conclude.hpp"
#include "daemon/proxy/local_answer.hpp"
#include "daemon/proxy/walk.hpp"

namespace ccr::proxy {
namespace {

using Do = Walk::Next::Do;

class Dispatch {
  public:
    explicit Dispatch(Turn& turn) : turn_(turn), client_(turn), walk_(turn) {}

    asio::awaitable<void> run() {
        if (const auto refusal = walk_.refusal()) {
            turn_.worker.stats->rejected(stats::Rejection::no_route);
            co_return co_await refuse(turn_, *refusal);
        }
        Walk::Next next = walk_.advance();
        while (next.what != Do::stop) {
            if (next.what == Do::wait) {
                const bool there = co_await pause(next.wait);
                if (!there) co_return co_await leave();
                next = walk_.advance();
                continue;
            }
            Outcome outcome = co_await serve();
            if (outcome.settled) co_return co_await settle(std::move(outcome));
            if (nobody_waits()) co_return co_await leave();
            next = busy_ ? walk_.turned_away() : walk_.after(std::move(outcome));
        }
        Outcome& verdict = walk_.verdict();
        if (turned_away_ && verdict.failure && verdict.failure->kind == ErrorKind::unavailable) {
            turn_.worker.stats->rejected(*turned_away_);
        }
        co_await conclude(turn_, client_, verdict);
    }

  private:
    [[nodiscard]] bool nobody_waits() const {
        return turn_.reply.client_lost() || turn_.reply.interrupted();
    }

    // One attempt, in its turn where the provider takes so many requests only.
    asio::awaitable<Outcome> serve() {
        busy_ = false;
        const config::Provider& provider = *walk_.target().provider->config;
        if (provider.max_concurrent == 0) co_return co_await attempt();
        auto place = turn_.worker.shared->gates.enter(
            *turn_.worker.loop, provider.name, provider.max_concurrent,
            turn_.snapshot->config().dispatch.queue.limit);
        const bool admitted = co_await queue(place);
        busy_ = !admitted;
        if (busy_) co_return Outcome();
        co_return co_await attempt();
    }

    // False: the queue is full, it was too long, or the client has left.
    asio::awaitable<bool> queue(Gates::Place& place) {
        if (!place.valid()) {
            turned_away_ = stats::Rejection::queue_full;
            co_return false;
        }
        const auto begun = Clock::now();
        const auto until = begun + turn_.snapshot->config().dispatch.queue.timeout;
        turn_.reply.on_peer_gone([this] { scope_.cancel(); });
        while (!place.admitted() && Clock::now() < until && !scope_.cancelled()) {
            const auto now = Clock::now();
            const Millis left = std::chrono::ceil<Millis>(until - now);
            co_await place.wait(std::min(left, client_.patience(now)), &scope_);
            auto alive = co_await client_.keep_alive(nullptr);
            if (!alive) break;
        }
        turn_.tally.upstream_wait += Clock::now() - begun;
        turn_.reply.on_peer_gone(nullptr);
        if (!place.admitted() && Clock::now() >= until) {
            turned_away_ = stats::Rejection::queue_timeout;
        }
        co_return place.admitted() && !scope_.cancelled();
    }

    asio::awaitable<Outcome> attempt() {
        // Large and done with before the next one starts: on the heap, so that the frame of a
        // long-lived stream stays small.
        auto attempt = std::make_unique<Attempt>(turn_, client_, walk_.target(), walk_.prepared(),
                                                 walk_.credential());
        tally_start(turn_, walk_.target());
        Outcome outcome = co_await attempt->run();
        tally_attempt(turn_, outcome);
        const auto& stirred = turn_.worker.shared->stirred;
        if (outcome.failure && stirred) stirred();
        turn_.reply.on_peer_gone(nullptr);
        co_return outcome;
    }

    // False if the client has left meanwhile.
    asio::awaitable<bool> pause(Millis time) {
        const auto begun = Clock::now();
        const auto until = begun + time;
        turn_.reply.on_peer_gone([this] { scope_.cancel(); });
        bool there = true;
        for (auto now = Clock::now(); there && now < until; now = Clock::now()) {
            const Millis left = std::chrono::ceil<Millis>(until - now);
            auto slept = co_await net::sleep_for(*turn_.worker.loop,
                                                 std::min(left, client_.patience(now)), &scope_);
            there = slept.has_value();
            if (!there) break;
            auto alive = co_await client_.keep_alive(nullptr);
            there = alive.has_value();
        }
        turn_.tally.upstream_wait += Clock::now() - begun;
        turn_.reply.on_peer_gone(nullptr);
        co_return there;
    }

    asio::awaitable<void> settle(Outcome outcome) {
        walk_.settled(outcome);
        co_await conclude(turn_, client_, outcome);
    }

    // Nobody wants the answer any more, or the time to give it is up.
    asio::awaitable<void> leave() {
        walk_.abandon();
        Outcome outcome;
        outcome.failure = turn_.reply.interrupted()
                              ? Error(ErrorKind::unavailable, "router is shutting down")
                              : Error(ErrorKind::cancelled, "the client has left");
        co_await conclude(turn_, client_, outcome);
    }

    Turn& turn_;
    ClientStream client_;
    Walk walk_;
    net::CancelScope scope_;
    bool busy_ = false;
    std::optional<stats::Rejection> turned_away_;  // by the queue of a provider, last
};

}  // namespace

asio::awaitable<void> dispatch(Turn& turn) {
    if (turn.door.prewarms && turn.max_tokens == 0 &&
        turn.plan.candidates.front().provider->dialect != &turn.door) {
        co_await answer_prewarm(turn);
        co_return;
    }
    auto dispatch = std::make_unique<Dispatch>(turn);
    co_await dispatch->run();
}

}  // namespace ccr::proxy
