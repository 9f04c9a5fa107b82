// SPDX-License-Identifier: MIT
#include "daemon/net/stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "daemon/net/spawn.hpp"
#include "tests/testing/raw_server.hpp"
#include "tests/testing/run.hpp"

namespace ccr::net {
namespace {

using ccr::testing::run;
using Size = Result<std::size_t>;

class StreamTest : public ::testing::Test {
  protected:
    StreamTest() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        peer = Fd(ends[1]);
        StreamParts parts;
        parts.fd = Fd(ends[0]);
        stream = make_stream(loop, std::move(parts));
    }
    ~StreamTest() override {
        stream.reset();
        ccr::testing::wind_up(loop);
    }

    asio::awaitable<std::string> read(Limit limit) {
        char room[64];
        const std::span<char> into(room, sizeof room);
        auto got = co_await stream->read_some(into, limit);
        if (!got) co_return std::string("!") + std::string(traits(got.error().kind).name);
        co_return std::string(room, *got);
    }
    asio::awaitable<Result<void>> write(std::string text, Limit limit) {
        const asio::const_buffer bytes = asio::buffer(text);
        const std::span<const asio::const_buffer> one(&bytes, 1);
        auto done = co_await stream->write(one, limit);
        co_return done;
    }
    std::string read_now(Limit limit = 5s) { return run(loop, read(limit)); }

    Loop loop;
    Fd peer;
    std::unique_ptr<Stream> stream;
};

TEST_F(StreamTest, ReadsWhatIsThereAndTheEnd) {
    ccr::testing::send_all(peer.get(), "hello");
    EXPECT_EQ(read_now(), "hello");
    peer.reset();
    EXPECT_EQ(read_now(), "");
    EXPECT_EQ(read_now(), "");
}

TEST_F(StreamTest, WaitsForBytes) {
    loop.post([this] { ccr::testing::send_all(peer.get(), "late"); });
    EXPECT_EQ(read_now(), "late");
}

TEST_F(StreamTest, ReadsOnAfterALimitPassed) {
    EXPECT_EQ(read_now(20ms), "!timeout");
    EXPECT_EQ(read_now(20ms), "!timeout");
    ccr::testing::send_all(peer.get(), "still here");
    EXPECT_EQ(read_now(), "still here");
}

TEST_F(StreamTest, LimitsArePreciseEnough) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(read_now(100ms), "!timeout");
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 100ms);
    EXPECT_LT(took, 400ms);
}

TEST_F(StreamTest, CancelEndsAPendingReadAndLaterOnesUntilCleared) {
    loop.post([this] { stream->cancel(ErrorKind::cancelled); });
    EXPECT_EQ(read_now(60s), "!cancelled");
    EXPECT_EQ(read_now(60s), "!cancelled");
    stream->clear_cancel();
    ccr::testing::send_all(peer.get(), "again");
    EXPECT_EQ(read_now(), "again");
}

TEST_F(StreamTest, WritesAllOfManyBuffersAgainstBackpressure) {
    std::vector<std::string> pieces;
    std::string whole;
    for (int i = 0; i < 40; ++i)
        pieces.push_back(std::string(50'000, static_cast<char>('a' + i % 26)));
    pieces[7].clear();
    for (const auto& piece : pieces)
        whole += piece;
    std::string received;
    std::thread reader([&] { ccr::testing::read_to_end(peer.get(), received); });
    auto task = [&]() -> asio::awaitable<bool> {
        std::vector<asio::const_buffer> buffers;
        for (const auto& piece : pieces)
            buffers.push_back(asio::buffer(piece));
        auto done = co_await stream->write(buffers, 5s);
        co_return done.has_value();
    };
    EXPECT_TRUE(run(loop, task()));
    stream->close();
    reader.join();
    EXPECT_EQ(received, whole);
}

TEST_F(StreamTest, AStalledWriteIsATimeout) {
    const auto done = run(loop, write(std::string(10'000'000, 'x'), 50ms));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::timeout);
}

TEST_F(StreamTest, WritingToAClosedPeerIsAResetAndNoSignal) {
    peer.reset();
    const auto done = run(loop, write("x", 1s));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::reset);
}

TEST_F(StreamTest, IsAliveOnlyWhileOpenAndSilent) {
    EXPECT_TRUE(stream->is_alive_idle());
    ccr::testing::send_all(peer.get(), "x");
    EXPECT_FALSE(stream->is_alive_idle());
    EXPECT_EQ(read_now(), "x");
    EXPECT_TRUE(stream->is_alive_idle());
    peer.reset();
    EXPECT_FALSE(stream->is_alive_idle());
}

TEST_F(StreamTest, TheWatchSeesThePeerLeaveWithin100ms) {
    EXPECT_EQ(read_now(1ms), "!timeout");
    bool gone = false;
    stream->watch_peer([&gone] { gone = true; });
    const auto begin = std::chrono::steady_clock::now();
    peer.reset();
    ccr::testing::detail::turn_until(loop, [&gone] { return gone; });
    EXPECT_TRUE(gone);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_EQ(read_now(), "");
}

TEST_F(StreamTest, TheWatchKeepsPipelinedBytesAndLooksBehindThem) {
    bool gone = false;
    stream->watch_peer([&gone] { gone = true; });
    ccr::testing::send_all(peer.get(), "next request");
    ccr::testing::settle(loop);
    EXPECT_FALSE(gone);
    peer.reset();
    ccr::testing::detail::turn_until(loop, [&gone] { return gone; });
    EXPECT_EQ(read_now(), "next request");
    EXPECT_EQ(read_now(), "");
}

TEST_F(StreamTest, TheWatchReadsNoMoreThanItsBound) {
    const std::string flood(4 * Stream::max_ahead, 'x');
    std::thread sender([&] { ccr::testing::send_all(peer.get(), flood); });
    stream->watch_peer([] {});
    std::string all;
    auto task = [&]() -> asio::awaitable<void> {
        auto slept = co_await sleep_for(loop, 50ms);
        EXPECT_TRUE(slept);
        stream->unwatch_peer();
        while (all.size() < flood.size()) {
            std::string piece = co_await read(5s);
            if (piece.empty()) break;
            all += piece;
        }
    };
    run(loop, task());
    sender.join();
    EXPECT_EQ(all, flood);
}

TEST_F(StreamTest, TheWatchMayDestroyTheStream) {
    stream->watch_peer([this] { stream.reset(); });
    peer.reset();
    ccr::testing::detail::turn_until(loop, [this] { return stream == nullptr; });
    EXPECT_EQ(stream, nullptr);
}

TEST_F(StreamTest, NoCallAfterTheWatchEnded) {
    bool gone = false;
    stream->watch_peer([&gone] { gone = true; });
    stream->unwatch_peer();
    peer.reset();
    ccr::testing::settle(loop);
    EXPECT_FALSE(gone);
}

TEST_F(StreamTest, MovesToAnotherLoop) {
    EXPECT_EQ(read_now(1ms), "!timeout");  // leaves a wait armed on the old loop
    Loop other;
    stream = make_stream(other, stream->detach());
    ccr::testing::settle(loop);
    ccr::testing::send_all(peer.get(), "moved");
    EXPECT_EQ(run(other, read(1s)), "moved");
    stream.reset();
    ccr::testing::wind_up(other);
}

TEST_F(StreamTest, ResetOnCloseIsSeenAsAReset) {
    ccr::testing::RawServer server([](int fd) { ccr::testing::read_until(fd, "never"); });
    StreamParts parts;
    parts.fd = ccr::testing::connect_to(server.port());
    stream = make_stream(loop, std::move(parts));
    stream->reset_on_close();
    EXPECT_TRUE(stream->is_alive_idle());
    stream.reset();
}

}  // namespace
}  // namespace ccr::net
