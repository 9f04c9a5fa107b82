// SPDX-License-Identifier: MIT
// One exchange over scripted streams.
#include "tests/unit/http/client_fixture.hpp"

namespace ccr::http {
namespace {

class Client : public ClientFixture {};

TEST_F(Client, SendsOneGatherWriteWithHostAndLength) {
    wire.push("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    ClientRequest request;
    request.target = "/v1/chat";
    request.body = {"abc", "", "defg"};
    const auto answer = ask(request);
    EXPECT_EQ(answer.body, "ok");
    EXPECT_EQ(wire.written,
              "POST /v1/chat HTTP/1.1\r\nhost: provider:8080\r\ncontent-type: "
              "application/json\r\ncontent-length: 7\r\n\r\nabcdefg");
    EXPECT_EQ(wire.writes, 1U);
}

TEST_F(Client, ReadsChunksInWhateverCutsTheyArrive) {
    const std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              chunk("hello ") + chunk("wonderful ") + chunk("world") + "0\r\n\r\n";
    for (std::size_t cut = 1; cut < reply.size(); ++cut) {
        wire.push(reply.substr(0, cut));
        wire.push(reply.substr(cut));
        const auto answer = ask();
        EXPECT_FALSE(answer.error) << cut;
        EXPECT_EQ(answer.body, "hello wonderful world") << cut;
    }
    wire.push_bytewise(reply);
    EXPECT_EQ(ask().body, "hello wonderful world");
    EXPECT_EQ(plans.dialed, 1U);  // and each time the connection was good for another one
}

TEST_F(Client, GivesAllChunksOfOneReceiveAsOnePiece) {
    const auto answer = ask_for("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                chunk("a") + chunk("bc") + chunk("def") + "0\r\n\r\n");
    EXPECT_EQ(answer.pieces, std::vector<std::string>{"abcdef"});
}

TEST_F(Client, SkipsInterimResponses) {
    const auto answer = ask_for(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(answer.status, 201);
    EXPECT_FALSE(answer.headers.has("link"));
}

TEST_F(Client, ReturnsRedirectsAsTheyAre) {
    const auto answer =
        ask_for("HTTP/1.1 307 T\r\nLocation: http://other/\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(answer.status, 307);
    EXPECT_EQ(answer.headers.get("location"), "http://other/");
    EXPECT_EQ(plans.dialed, 1U);
}

TEST_F(Client, ReadsABodyThatEndsWithTheConnectionAndDoesNotKeepIt) {
    wire.push("HTTP/1.1 200 OK\r\n\r\nuntil ");
    wire.push("the end");
    const auto answer = ask();
    EXPECT_FALSE(answer.error);
    EXPECT_EQ(answer.body, "until the end");
    EXPECT_EQ(pool.counters().idle, 0U);
}

TEST_F(Client, ACutBodyIsAnErrorWhateverItsFraming) {
    for (const std::string_view reply :
         {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5"}) {
        expect_dial(wire);
        const auto answer = ask_for(reply);
        ASSERT_TRUE(answer.error) << reply;
        EXPECT_EQ(answer.error->kind, ErrorKind::eof);
        EXPECT_EQ(pool.counters().idle, 0U);
    }
}

TEST_F(Client, ABrokenAnswerIsMalformed) {
    for (const std::string_view reply :
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "<html>no http</html>\r\n\r\n",
          "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
        wire.script.clear();
        expect_dial(wire);
        const auto answer = ask_for(reply);
        ASSERT_TRUE(answer.error) << reply;
        EXPECT_EQ(answer.error->kind, ErrorKind::malformed) << reply;
        EXPECT_EQ(pool.counters().idle, 0U);
    }
}

TEST_F(Client, TakesNoBodyAfterHeadAnd204) {
    wire.push("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    ClientRequest request;
    request.method = "HEAD";
    EXPECT_FALSE(ask(request).error);
    EXPECT_FALSE(ask_for("HTTP/1.1 204 No Content\r\n\r\n").error);
    EXPECT_EQ(plans.dialed, 1U);
}

TEST_F(Client, ReusesTheConnectionAfterACompleteAnswer) {
    EXPECT_FALSE(ask_for("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na").reused);
    EXPECT_EQ(pool.counters().idle, 1U);
    EXPECT_TRUE(ask_for("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb").reused);
}

TEST_F(Client, DoesNotKeepAConnectionThatSaysCloseOrHasBytesLeft) {
    ask_for("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na");
    EXPECT_EQ(pool.counters().idle, 0U);
    expect_dial(wire);
    wire.script.clear();
    ask_for("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc");
    EXPECT_EQ(pool.counters().idle, 0U);
}

TEST_F(Client, DoesNotReuseAConnectionThatHasDied) {
    ask_for("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    wire.alive = false;
    expect_dial(second);
    second.push("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
    const auto answer = ask();
    EXPECT_EQ(answer.body, "b");
    EXPECT_FALSE(answer.reused);
}

TEST_F(Client, ReplacesAStaleConnectionOnceWhenNothingWasAnswered) {
    ask_for("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    wire.push_failure(ErrorKind::reset);
    expect_dial(second);
    second.push("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
    EXPECT_EQ(ask().body, "b");
    EXPECT_EQ(plans.dialed, 2U);
}

TEST_F(Client, DoesNotRepeatARequestOnceTheAnswerHasBegun) {
    ask_for("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    wire.push("HTTP/1.1 2");
    wire.push_failure(ErrorKind::reset);
    const auto answer = ask();
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::reset);
    EXPECT_EQ(plans.dialed, 1U);
}

TEST_F(Client, DoesNotRepeatOnAFreshConnection) {
    wire.push_failure(ErrorKind::reset);
    ASSERT_TRUE(ask().error);
    EXPECT_EQ(plans.dialed, 1U);
}

TEST_F(Client, HearsARefusalThatComesBeforeTheRequestIsAllSent) {
    wire.write_room = 20;
    wire.push("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(ask().status, 413);
}

TEST_F(Client, ASilentProviderIsATimeout) {
    wire.ends = false;
    ClientRequest request;
    request.timers.head = 20ms;
    const auto answer = ask(request);
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::timeout);
}

TEST_F(Client, HearsARefusalAlsoWhenTheUpstreamJustStopsReading) {
    wire.write_room = 20;
    wire.write_failure = ErrorKind::timeout;
    wire.push("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(ask().status, 413);
    EXPECT_EQ(pool.counters().idle, 0U) << "half a request is still on that connection";
}

TEST_F(Client, TheHeadMayBeWaitedForInSteps) {
    wire.ends = false;
    wire.push("HTTP/1.1 200 O");
    auto task = [this]() -> asio::awaitable<std::string> {
        Exchange one(pool, loop);
        ClientRequest request;
        request.origin = &origin;
        request.headers = &headers;
        auto begun = co_await one.begin(request);
        EXPECT_TRUE(begun);
        std::string log;
        for (int i = 0; i < 2; ++i) {
            auto early = co_await one.head(10ms);
            log += early ? "head;" : std::string(traits(early.error().kind).name) + ";";
        }
        wire.push("K\r\nContent-Length: 2\r\n\r\nok");
        auto head = co_await one.head(5s);
        EXPECT_TRUE(head);
        auto body = co_await one.read_all(5s, 10);
        co_return log + (body ? *body : "error");
    };
    EXPECT_EQ(run(loop, task()), "timeout;timeout;ok");
    EXPECT_EQ(pool.counters().idle, 1U);
}

TEST_F(Client, ReadingGoesOnAfterALimitPassed) {
    wire.push("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("one"));
    wire.push_failure(ErrorKind::timeout);
    wire.push(chunk("two") + "0\r\n\r\n");
    auto task = [this]() -> asio::awaitable<std::string> {
        Exchange one(pool, loop);
        ClientRequest request;
        request.origin = &origin;
        request.headers = &headers;
        std::string log;
        auto head = co_await one.send(request);
        EXPECT_TRUE(head);
        for (;;) {
            auto piece = co_await one.read(1s);
            if (!piece) {
                log += std::string(traits(piece.error().kind).name) + ";";
                continue;
            }
            if (piece->empty()) co_return log;
            log += std::string(*piece) + ";";
        }
    };
    EXPECT_EQ(run(loop, task()), "one;timeout;two;");
}

TEST_F(Client, CancelEndsAPendingReadAtOnce) {
    wire.ends = false;
    wire.push("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("one"));
    Exchange one(pool, loop);
    auto task = [&]() -> asio::awaitable<ErrorKind> {
        ClientRequest request;
        request.origin = &origin;
        request.headers = &headers;
        auto head = co_await one.send(request);
        EXPECT_TRUE(head);
        auto first = co_await one.read(60s);
        EXPECT_TRUE(first);
        loop.post([&one] { one.cancel(); });
        auto second = co_await one.read(60s);
        EXPECT_FALSE(second);
        auto third = co_await one.read(60s);
        EXPECT_FALSE(third);
        co_return second.error().kind;
    };
    EXPECT_EQ(run(loop, task()), ErrorKind::cancelled);
    EXPECT_TRUE(wire.closed);
    EXPECT_EQ(pool.counters().idle, 0U);
}

TEST_F(Client, HoldsNoBufferWhileAStreamIsSilent) {
    wire.ends = false;
    wire.push("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("one"));
    Exchange one(pool, loop);
    auto task = [&]() -> asio::awaitable<void> {
        ClientRequest request;
        request.origin = &origin;
        request.headers = &headers;
        auto head = co_await one.send(request);
        EXPECT_TRUE(head);
        auto first = co_await one.read(60s);
        EXPECT_TRUE(first);
        auto second = co_await one.read(60s);
        EXPECT_FALSE(second);
    };
    net::spawn(loop, "test", task());
    ccr::testing::settle(loop);
    EXPECT_EQ(loop.buffers().leased(), 0U);
    one.cancel();
    ccr::testing::settle(loop);
}

TEST_F(Client, NeverSendsAHeaderWithALineBreak) {
    headers.add("x-a", "b\r\nx-evil: c");
    const auto answer = ask();
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(wire.written, "");
}

TEST_F(Client, PassesOnWhyConnectingFailed) {
    plans.next.clear();
    plans.next.push_back({nullptr, Error{ErrorKind::tls, "not trusted"}});
    const auto answer = ask();
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->kind, ErrorKind::tls);
}

}  // namespace
}  // namespace ccr::http
