// SPDX-License-Identifier: MIT
// A connection while the daemon goes down, and a reply that others listen to.
#include "tests/unit/http/server_fixture.hpp"

namespace ccr::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view simple = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

class Drain : public ServerFixture {
  protected:
    void begin() {
        net::spawn(loop, "test", serve(std::make_unique<FakeStream>(loop, wire), loop, service));
        ccr::testing::settle(loop);
    }
    // A handler that waits until it is told to go on, or nobody wants its answer.
    void hold_answers() {
        service->handler = [this](Request&, Reply& reply) { return held(reply); };
    }
    asio::awaitable<void> held(Reply& reply) {
        reply.on_peer_gone([this] { gate.wake(); });
        const net::Wake wake = co_await gate.wait(loop, 10s);
        EXPECT_EQ(wake, net::Wake::ready);
        reply.on_peer_gone(nullptr);
        was_interrupted = reply.interrupted();
        const Headers headers{{"content-type", "text/plain"}};
        const int status = was_interrupted ? 529 : 200;
        auto sent = co_await reply.send(status, headers, "done");
        EXPECT_TRUE(sent);
    }

    net::Waiter gate;
    bool was_interrupted = false;
};

TEST_F(Drain, ClosesAnIdleConnectionAtOnceAndCountsItOut) {
    wire.ends = false;
    wire.push(simple);
    begin();
    EXPECT_EQ(loop.residents(), 1U);
    EXPECT_FALSE(wire.closed);
    int left = 0;
    loop.drain([&left] { ++left; });
    // The last look for a request that has just come in takes a tick of the timer.
    run(loop, [](net::Loop& on) -> asio::awaitable<void> {
        auto slept = co_await net::sleep_for(on, 60ms);
        EXPECT_TRUE(slept);
    }(loop));
    EXPECT_TRUE(wire.closed);
    EXPECT_EQ(loop.residents(), 0U);
    EXPECT_EQ(left, 1);
}

TEST_F(Drain, ARequestInProgressIsAnsweredAndItsConnectionClosedBehindIt) {
    wire.ends = false;
    hold_answers();
    wire.push(simple);
    begin();
    loop.drain(nullptr);
    ccr::testing::settle(loop);
    EXPECT_EQ(wire.written, "");
    gate.wake();
    ccr::testing::settle(loop);
    EXPECT_EQ(status_of(wire.written), 200);
    EXPECT_EQ(loop.residents(), 0U);
    EXPECT_TRUE(wire.closed);
}

TEST_F(Drain, AnInterruptReachesTheHandlerAndIsNoLeavingOfTheClient) {
    wire.ends = false;
    hold_answers();
    wire.push(simple);
    begin();
    loop.interrupt();
    ccr::testing::settle(loop);
    EXPECT_TRUE(was_interrupted);
    EXPECT_EQ(status_of(wire.written), 529);
}

struct RecordingTap final : ReplyTap {
    void on_head(int code, const Headers&, bool) override { status = code; }
    void on_body(std::string_view bytes) override { body += bytes; }
    void on_end(bool whole) override { ended = true, complete = whole; }
    bool listening() const override { return listens; }
    bool full() const override { return false; }
    asio::awaitable<Result<void>> wait_for_room() override { co_return Result<void>(); }

    int status = 0;
    std::string body;
    bool listens = false;
    bool ended = false;
    bool complete = false;
};

class Tapped : public ServerFixture {
  protected:
    Tapped() {
        service->handler = [this](Request&, Reply& reply) { return answer(reply); };
    }
    asio::awaitable<void> answer(Reply& reply) {
        reply.set_tap(&tap);
        const Headers headers{{"content-type", "text/plain"}};
        auto started = co_await reply.start(200, headers);
        EXPECT_TRUE(started);
        if (leave_early) wire.peer_leaves();
        for (const std::string_view piece : {"one ", "two ", "three"}) {
            auto sent = co_await reply.write(piece);
            if (!sent) break;
            ++written;
        }
        was_gone = reply.peer_gone();
        auto finished = co_await reply.finish();
        if (!finished) reply.abort();
        reply.set_tap(nullptr);
    }

    RecordingTap tap;
    bool leave_early = false;
    bool was_gone = false;
    int written = 0;
};

TEST_F(Tapped, TheTapSeesAllThatIsSaid) {
    serve_bytes(simple);
    EXPECT_EQ(tap.status, 200);
    EXPECT_EQ(tap.body, "one two three");
    EXPECT_TRUE(tap.complete);
}

TEST_F(Tapped, WhileSomebodyListensTheClientsLeavingEndsNothing) {
    tap.listens = true;
    leave_early = true;
    wire.write_room = 0;
    serve_bytes(simple);
    EXPECT_EQ(written, 3);
    EXPECT_FALSE(was_gone);
    EXPECT_EQ(tap.body, "one two three");
    EXPECT_TRUE(tap.complete);
    EXPECT_EQ(wire.written, "");
}

TEST_F(Tapped, WithNobodyListeningItEndsAtOnce) {
    wire.write_room = 0;
    serve_bytes(simple);
    EXPECT_EQ(written, 0);
    EXPECT_TRUE(tap.ended);
    EXPECT_FALSE(tap.complete);
}

}  // namespace
}  // namespace ccr::http
