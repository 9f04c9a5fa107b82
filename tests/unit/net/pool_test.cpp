// SPDX-License-Identifier: MIT
#include "daemon/net/pool.hpp"

#include <gtest/gtest.h>

#include <future>

#include "daemon/net/spawn.hpp"
#include "tests/testing/fake_dialer.hpp"
#include "tests/testing/raw_server.hpp"
#include "tests/testing/run.hpp"

namespace ccr::net {
namespace {

using ccr::testing::FakeDialer;
using ccr::testing::FakeWire;
using ccr::testing::run;

const Origin origin(*parse_url("http://a.test"));
const Origin other_origin(*parse_url("http://b.test"));

class PoolTest : public ::testing::Test {
  protected:
    PooledStream take(Pool& pool, const Origin& from, bool fresh = false) {
        auto task = [&]() -> asio::awaitable<PooledStream> {
            CancelScope scope;
            auto got = co_await pool.acquire(loop, from, 1s, scope, fresh);
            EXPECT_TRUE(got);
            if (!got) co_return PooledStream{};
            co_return std::move(*got);
        };
        return run(loop, task());
    }
    void expect_dials(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            wires.push_back(std::make_unique<FakeWire>());
            plans.next.push_back({wires.back().get(), std::nullopt});
        }
    }

    Loop loop;
    std::vector<std::unique_ptr<FakeWire>> wires;
    FakeDialer::Plans plans;
};

TEST_F(PoolTest, GivesTheNewestIdleConnectionOfTheSameOrigin) {
    Pool pool(loop, std::make_unique<FakeDialer>(plans));
    expect_dials(3);
    auto first = take(pool, origin);
    auto second = take(pool, origin);
    const Stream* newest = second.stream.get();
    EXPECT_FALSE(first.reused);
    pool.release(loop, origin, std::move(first.stream));
    pool.release(loop, origin, std::move(second.stream));
    EXPECT_FALSE(take(pool, other_origin).reused);
    const auto again = take(pool, origin);
    EXPECT_TRUE(again.reused);
    EXPECT_EQ(again.stream.get(), newest);
    EXPECT_EQ(pool.counters().idle, 1U);
}

TEST_F(PoolTest, AsksForAFreshOneAreNotServedFromTheShelf) {
    Pool pool(loop, std::make_unique<FakeDialer>(plans));
    expect_dials(2);
    pool.release(loop, origin, std::move(take(pool, origin).stream));
    EXPECT_FALSE(take(pool, origin, true).reused);
}

TEST_F(PoolTest, DropsTheDeadAndTheOld) {
    PoolOptions options;
    options.max_idle_age = 0ms;
    Pool aging(loop, std::make_unique<FakeDialer>(plans), options);
    expect_dials(2);
    aging.release(loop, origin, std::move(take(aging, origin).stream));
    EXPECT_FALSE(take(aging, origin).reused);
    Pool pool(loop, std::make_unique<FakeDialer>(plans));
    expect_dials(2);
    auto dying = take(pool, origin);
    wires[2]->alive = false;
    pool.release(loop, origin, std::move(dying.stream));
    EXPECT_FALSE(take(pool, origin).reused);
    EXPECT_TRUE(wires[2]->closed);
}

TEST_F(PoolTest, ClosesTheOldestBeyondItsBounds) {
    PoolOptions options;
    options.max_idle_per_origin = 2;
    options.max_idle = 3;
    Pool pool(loop, std::make_unique<FakeDialer>(plans), options);
    expect_dials(5);
    std::vector<PooledStream> streams;
    for (int i = 0; i < 3; ++i)
        streams.push_back(take(pool, origin));
    for (int i = 0; i < 2; ++i)
        streams.push_back(take(pool, other_origin));
    for (int i = 0; i < 3; ++i)
        pool.release(loop, origin, std::move(streams[static_cast<std::size_t>(i)].stream));
    EXPECT_TRUE(wires[0]->closed);
    EXPECT_EQ(pool.counters().idle, 2U);
    pool.release(loop, other_origin, std::move(streams[3].stream));
    pool.release(loop, other_origin, std::move(streams[4].stream));
    EXPECT_EQ(pool.counters().idle, 3U);
    EXPECT_TRUE(wires[1]->closed);
    EXPECT_FALSE(wires[4]->closed);
}

TEST_F(PoolTest, ClosesIdleConnectionsThatGrowOldByThemselves) {
    PoolOptions options;
    options.max_idle_age = 30ms;
    Pool pool(loop, std::make_unique<FakeDialer>(plans), options);
    expect_dials(1);
    pool.release(loop, origin, std::move(take(pool, origin).stream));
    EXPECT_FALSE(wires[0]->closed);
    ccr::testing::detail::turn_until(loop, [this] { return wires[0]->closed; });
    EXPECT_TRUE(wires[0]->closed);
    EXPECT_EQ(pool.counters().idle, 0U);
}

TEST_F(PoolTest, ClearClosesEverything) {
    Pool pool(loop, std::make_unique<FakeDialer>(plans));
    expect_dials(1);
    pool.release(loop, origin, std::move(take(pool, origin).stream));
    pool.clear();
    ccr::testing::settle(loop);
    EXPECT_TRUE(wires[0]->closed);
}

// Real sockets: a connection left idle by one loop serves the next request on another.
TEST(PoolTakeover, AnotherLoopsIdleConnectionIsTakenOver) {
    ccr::testing::RawServer server([](int fd) {
        while (!ccr::testing::read_until(fd, "!").empty())
            ccr::testing::send_all(fd, "echo!");
    });
    LoopPool loops(2);
    Pool pool(loops, std::make_unique<NetDialer>(nullptr, ProxySettings{}));
    const Origin target(*parse_url("http://127.0.0.1:" + std::to_string(server.port())));
    auto use = [&](Loop& loop, std::promise<std::string>& done) -> asio::awaitable<void> {
        CancelScope scope;
        auto got = co_await pool.acquire(loop, target, 5s, scope, false);
        if (!got) {
            done.set_value(got.error().chain());
            co_return;
        }
        const asio::const_buffer word = asio::buffer("hello!", 6);
        const std::span<const asio::const_buffer> one(&word, 1);
        auto sent = co_await got->stream->write(one, 1s);
        EXPECT_TRUE(sent);
        char room[16];
        const std::span<char> into(room, sizeof room);
        auto read = co_await got->stream->read_some(into, 5s);
        EXPECT_TRUE(read && std::string_view(room, *read) == "echo!");
        pool.release(loop, target, std::move(got->stream));
        done.set_value(got->reused ? "reused" : "dialed");
    };
    loops.start();
    const std::pair<std::size_t, const char*> steps[] = {
        {0, "dialed"}, {1, "reused"}, {1, "reused"}, {0, "reused"}};
    for (const auto& [index, expected] : steps) {
        std::promise<std::string> done;
        auto result = done.get_future();
        spawn(loops.at(index), "use", use(loops.at(index), done));
        EXPECT_EQ(result.get(), expected);
    }
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(pool.counters().taken_over, 2U);
    loops.stop();
    loops.join();
}

}  // namespace
}  // namespace ccr::net
