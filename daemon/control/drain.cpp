// SPDX-License-Identifier: MIT
// POST /v1/drain and /v1/stop: with "Accept: text/event-stream" the progress until nothing is left,
// else the state of the moment.
#include <algorithm>
#include <chrono>

#include "common/text.hpp"
#include "daemon/control/verbs.hpp"

namespace ccr::control {
namespace {

constexpr Millis begin_limit{10'000};
constexpr Millis look_again{100};   // for a change in the number of requests
constexpr Millis say_again{5'000};  // without one, so that a reader knows we are there
constexpr int accepted = 202;

std::string frame_of(const Drain& drain) {
    return "event: drain\ndata: " + to_json(drain) + "\n\n";
}

bool differ(const Drain& a, const Drain& b) {
    return a.left != b.left || a.state != b.state || a.done != b.done;
}

// Until nothing is left, the daemon ends, or the reader leaves.
asio::awaitable<void> show_progress(Desk& desk, http::Reply& reply) {
    const http::Headers headers{{"content-type", "text/event-stream"},
                                {"cache-control", "no-store"}};
    auto sent = co_await reply.start(200, headers);
    net::CancelScope scope;
    reply.on_peer_gone([&scope] { scope.cancel(); });
    Drain told;
    auto due = std::chrono::steady_clock::now();
    for (bool going = true; going && sent;) {
        const Drain drain = drain_now(desk.office.facts(), *desk.worker.shared);
        going = !drain.done && !scope.cancelled();
        const auto now = std::chrono::steady_clock::now();
        if (differ(drain, told) || now >= due) {
            const std::string frame = frame_of(drain);
            sent = co_await reply.write(frame);
            told = drain;
            due = now + say_again;
        }
        if (!going || !sent) break;
        auto slept = co_await net::sleep_for(reply.loop(), look_again, &scope);
        static_cast<void>(slept);  // the scope tells
    }
    reply.on_peer_gone(nullptr);
    if (sent) sent = co_await reply.finish();
    if (!sent) reply.abort();
}

asio::awaitable<void> begin(Desk& desk, http::Request& request, http::Reply& reply,
                            std::function<bool(Master&)> what) {
    const bool streamed = icontains(request.headers.get("accept"), "text/event-stream");
    auto begun =
        co_await ask<bool>(reply.loop(), desk.office, std::move(what), begin_limit, nullptr);
    if (!begun) {
        auto sent = co_await reply.send_error(begun.error());
        if (!sent) reply.abort();
        co_return;
    }
    if (streamed) {
        co_await show_progress(desk, reply);
        co_return;
    }
    const std::string body = to_json(drain_now(desk.office.facts(), *desk.worker.shared));
    co_await send_json(reply, accepted, body);
}

}  // namespace

Drain drain_now(const Facts& facts, const proxy::Shared& shared) {
    Drain out = facts.drain.value_or(Drain{});
    if (!facts.drain) out.state = "serving";
    out.left = static_cast<std::int64_t>(shared.streams.load());
    const auto left = facts.drain_deadline - std::chrono::steady_clock::now();
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    if (facts.drain) out.left_seconds = std::max<std::int64_t>(seconds, 0);
    return out;
}

asio::awaitable<void> post_drain(Desk& desk, http::Request& request, http::Reply& reply) {
    std::function<bool(Master&)> drain = [](Master& master) {
        master.drain();
        return true;
    };
    co_await begin(desk, request, reply, std::move(drain));
}

asio::awaitable<void> post_stop(Desk& desk, http::Request& request, http::Reply& reply) {
    const auto now = request.query_param("now");
    const bool at_once = now && *now != "0" && *now != "false";
    std::function<bool(Master&)> stop = [at_once](Master& master) {
        master.stop(at_once);
        return true;
    };
    co_await begin(desk, request, reply, std::move(stop));
}

}  // namespace ccr::control
