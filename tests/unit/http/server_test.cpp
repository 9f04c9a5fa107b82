// SPDX-License-Identifier: MIT
// The connection loop over a scripted stream: no sockets, no waiting.
#include "tests/unit/http/server_fixture.hpp"

namespace ccr::http {
namespace {

class Server : public ServerFixture {};

TEST_F(Server, AnswersARequest) {
    const std::string reply = serve_bytes(simple);
    EXPECT_EQ(status_of(reply), 200);
    EXPECT_NE(reply.find("\r\ncontent-length: 11\r\n"), std::string::npos);
    EXPECT_NE(reply.find("\r\nrequest-id: req_"), std::string::npos);
    EXPECT_NE(reply.find("\r\ndate: "), std::string::npos);
    EXPECT_TRUE(reply.ends_with("\r\n\r\nGET /a?b=c\n"));
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].path(), "/a");
    EXPECT_EQ(seen[0].query(), "b=c");
    EXPECT_EQ(wire.writes, 1U);  // head and body in one gather write
}

TEST_F(Server, AnyCutOfTwoPipelinedRequestsGivesTheSameTwoAnswers) {
    const std::string first =
        "POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
    const std::string second =
        "POST /two HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n";
    const std::string both = first + second;
    for (std::size_t cut = 0; cut <= both.size(); ++cut) {
        wire.script.clear();
        wire.written.clear();
        seen.clear();
        if (cut > 0) wire.push(both.substr(0, cut));
        if (cut < both.size()) wire.push(both.substr(cut));
        const std::string reply = serve_script();
        ASSERT_EQ(seen.size(), 2U) << "cut at " << cut;
        EXPECT_EQ(seen[0].body, "hello");
        EXPECT_EQ(seen[1].body, "abcdefg");
        EXPECT_FALSE(seen[1].headers.has("trailer"));
        EXPECT_EQ(count_of(reply, "HTTP/1.1 200 OK"), 2U);
    }
    wire.written.clear();
    seen.clear();
    wire.push_bytewise(both);
    serve_script();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[1].target, "/two");
}

TEST_F(Server, RefusesAHeadPastItsLimitWith431) {
    wire.push("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70'000, 'a'));
    EXPECT_EQ(status_of(serve_script()), 431);
}

TEST_F(Server, TakesAHeadJustInsideItsLimit) {
    wire.push("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(65'000, 'a') + "\r\n\r\n");
    EXPECT_EQ(status_of(serve_script()), 200);
}

TEST_F(Server, RefusesADeclaredBodyPastItsLimitWithoutReadingIt) {
    service->options.body_limit = 10;
    EXPECT_EQ(status_of(serve_bytes("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n")),
              413);
}

TEST_F(Server, RefusesAChunkedBodyPastItsLimit) {
    service->options.body_limit = 10;
    const auto reply = serve_bytes(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n");
    EXPECT_EQ(status_of(reply), 413);
    EXPECT_TRUE(seen.empty());
}

TEST_F(Server, TakesALargeBodyWhole) {
    const std::string body(3'000'000, 'x');
    wire.push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
    wire.push(body);
    serve_script();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].body, body);
}

TEST_F(Server, SaysContinueOnlyWhenTheBodyIsNotThereYet) {
    const std::string head =
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    wire.push(head);
    wire.push("ok");
    EXPECT_TRUE(serve_script().starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    wire.written.clear();
    EXPECT_TRUE(serve_bytes(head + "ok").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Server, LeavesTheBodyOutForHead) {
    const auto reply = serve_bytes("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(reply.ends_with("\r\n\r\n"));
    EXPECT_NE(reply.find("content-length: 8\r\n"), std::string::npos);
}

TEST_F(Server, IgnoresEmptyLinesBeforeARequest) {
    EXPECT_EQ(status_of(serve_bytes("\r\n\r\n" + std::string(simple))), 200);
}

TEST_F(Server, ClosesWhenTheClientAsks) {
    const auto reply =
        serve_bytes("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n" + std::string(simple));
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_NE(reply.find("connection: close\r\n"), std::string::npos);
}

TEST_F(Server, ClosesAfterHttp10UnlessAskedToStay) {
    serve_bytes("GET / HTTP/1.0\r\n\r\n" + std::string(simple));
    EXPECT_EQ(seen.size(), 1U);
    wire.script.clear();
    wire.written.clear();
    const auto reply =
        serve_bytes("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + std::string(simple));
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_NE(reply.find("connection: keep-alive\r\n"), std::string::npos);
}

TEST_F(Server, IgnoresUpgrades) {
    EXPECT_EQ(status_of(serve_bytes(
                  "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")),
              200);
}

TEST_F(Server, SaysCloseWhileDraining) {
    loop.drain(nullptr);
    const auto reply = serve_bytes(std::string(simple) + std::string(simple));
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_NE(reply.find("connection: close\r\n"), std::string::npos);
}

TEST_F(Server, ClosesAnIdleConnectionWithoutAWord) {
    wire.push_failure(ErrorKind::timeout);
    EXPECT_EQ(serve_script(), "");
}

TEST_F(Server, AnswersAnUnfinishedHeadWith408) {
    wire.push("GET / HT");
    wire.push_failure(ErrorKind::timeout);
    EXPECT_EQ(status_of(serve_script()), 408);
}

TEST_F(Server, AnswersAnUnfinishedBodyWith408) {
    wire.push("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab");
    wire.push_failure(ErrorKind::timeout);
    EXPECT_EQ(status_of(serve_script()), 408);
}

TEST_F(Server, SkipsBlankLinesBeforeARequestHoweverTheyArrive) {
    wire.push_bytewise("\r\n\r\n" + std::string(simple) + "\r\n" + std::string(simple));
    EXPECT_EQ(count_of(serve_script(), "HTTP/1.1 200 "), 2U);
}

TEST_F(Server, TheHeadDeadlineIsAbsoluteHoweverTheBytesDrip) {
    service->options.header_timeout = 60ms;
    wire.ends = false;
    wire.push("GET /");
    bool done = false;
    auto task = [](std::unique_ptr<net::Stream> stream, net::Loop& on,
                   std::shared_ptr<const Service> what, bool& end) -> asio::awaitable<void> {
        co_await serve(std::move(stream), on, std::move(what));
        end = true;
    };
    net::spawn(loop, "test", task(std::make_unique<FakeStream>(loop, wire), loop, service, done));
    auto drip = [](net::Loop& on, FakeWire& to, bool& end) -> asio::awaitable<void> {
        for (int i = 0; i < 1000 && !end; ++i) {
            auto slept = co_await net::sleep_for(on, 10ms);
            if (!slept) co_return;
            if (!end && to.written.empty()) to.push("a");
            if (!to.written.empty()) to.ends = true;
            if (to.ends && to.arrival.waiting()) to.arrival.wake();
        }
    };
    const auto begin = std::chrono::steady_clock::now();
    run(loop, drip(loop, wire, done));
    EXPECT_TRUE(done);
    EXPECT_EQ(status_of(wire.written), 408);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(Server, StreamsChunksEachInOneWriteWithTheHeadInTheFirst) {
    service->handler = [](Request&, Reply& reply) -> asio::awaitable<void> {
        const Headers headers{{"content-type", "text/event-stream"}};
        auto started = co_await reply.start(200, headers);
        EXPECT_TRUE(started);
        EXPECT_FALSE(reply.head_sent());
        auto one = co_await reply.write("hello");
        EXPECT_TRUE(one);
        EXPECT_TRUE(reply.head_sent());
        auto two = co_await reply.write("0123456789abcdef0", true);
        EXPECT_TRUE(two);
    };
    const auto reply = serve_bytes(simple);
    EXPECT_NE(reply.find("transfer-encoding: chunked\r\n"), std::string::npos);
    EXPECT_TRUE(reply.ends_with("\r\n\r\n5\r\nhello\r\n11\r\n0123456789abcdef0\r\n0\r\n\r\n"));
    EXPECT_EQ(wire.writes, 2U);
}

TEST_F(Server, EndsAStreamedReplyOfHttp10ByClosing) {
    service->handler = [](Request&, Reply& reply) -> asio::awaitable<void> {
        auto started = co_await reply.start(200, {});
        EXPECT_TRUE(started);
        auto one = co_await reply.write("hello");
        EXPECT_TRUE(one);
        auto end = co_await reply.finish();
        EXPECT_TRUE(end);
    };
    const auto reply =
        serve_bytes("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + std::string(simple));
    EXPECT_EQ(reply.find("chunked"), std::string::npos);
    EXPECT_TRUE(reply.ends_with("\r\n\r\nhello"));
}

TEST_F(Server, AnUnfinishedReplyIsVisiblyCutOff) {
    service->handler = [](Request&, Reply& reply) -> asio::awaitable<void> {
        auto started = co_await reply.start(200, {});
        EXPECT_TRUE(started);
        auto one = co_await reply.write("hello");
        EXPECT_TRUE(one);
    };
    const auto reply = serve_bytes(std::string(simple) + std::string(simple));
    EXPECT_EQ(reply.find("0\r\n\r\n"), std::string::npos);
    EXPECT_EQ(count_of(reply, "HTTP/1.1 200"), 1U);
}

TEST_F(Server, AHandlerWithoutAnAnswerGives500) {
    service->handler = [](Request&, Reply&) -> asio::awaitable<void> { co_return; };
    const auto reply = serve_bytes(simple);
    EXPECT_EQ(status_of(reply), 500);
    EXPECT_NE(reply.find("api_error"), std::string::npos);
}

TEST_F(Server, AThrowingHandlerGives500AndTheServerLives) {
    service->handler = [](Request&, Reply&) -> asio::awaitable<void> {
        throw std::runtime_error("oops");
        co_return;
    };
    const auto reply = serve_bytes(simple);
    EXPECT_EQ(status_of(reply), 500);
    EXPECT_EQ(reply.find("oops"), std::string::npos);
}

TEST_F(Server, TellsTheHandlerThatThePeerHasGone) {
    bool told = false;
    service->handler = [&](Request&, Reply& reply) -> asio::awaitable<void> {
        EXPECT_FALSE(reply.peer_gone());
        reply.on_peer_gone([&told] { told = true; });
        wire.peer_leaves();
        EXPECT_TRUE(told);
        EXPECT_TRUE(reply.peer_gone());
        co_return;
    };
    serve_bytes(simple);
    EXPECT_TRUE(told);
}

TEST_F(Server, AHeaderValueCannotStartAHeaderOfItsOwn) {
    service->handler = [](Request&, Reply& reply) -> asio::awaitable<void> {
        const Headers headers{{"x-a", "b\r\nx-evil: c"}};
        auto sent = co_await reply.send(200, headers, "");
        EXPECT_TRUE(sent);
    };
    EXPECT_EQ(serve_bytes(simple).find("\r\nx-evil"), std::string::npos);
}

TEST_F(Server, AFailedWriteEndsTheConnection) {
    wire.write_room = 0;
    serve_bytes(std::string(simple) + std::string(simple));
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(Server, HoldsNoBufferWhileIdle) {
    wire.ends = false;
    wire.push(simple);
    net::spawn(loop, "test", serve(std::make_unique<FakeStream>(loop, wire), loop, service));
    ccr::testing::settle(loop);
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_EQ(loop.buffers().leased(), 0U);
    EXPECT_EQ(loop.active.load(), 0U);
}

TEST_F(Server, CountsAsActiveFromAcceptanceToTheFirstAnswer) {
    wire.ends = false;
    net::spawn(loop, "test", serve(std::make_unique<FakeStream>(loop, wire), loop, service));
    ccr::testing::settle(loop);
    EXPECT_EQ(loop.active.load(), 1U);
    wire.push(simple);
    ccr::testing::settle(loop);
    EXPECT_EQ(loop.active.load(), 0U);
}

}  // namespace
}  // namespace ccr::http
