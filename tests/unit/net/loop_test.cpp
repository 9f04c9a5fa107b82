// SPDX-License-Identifier: MIT
#include "daemon/net/loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "daemon/net/spawn.hpp"
#include "daemon/net/waiter.hpp"
#include "tests/testing/run.hpp"

namespace ccr::net {
namespace {

using ccr::testing::run;

TEST(LoopPool, PlacesOnTheLeastLoadedAndTheFirstAmongEquals) {
    LoopPool loops(3);
    EXPECT_EQ(loops.least_loaded().index(), 0);
    ActiveToken first(loops.at(0));
    EXPECT_EQ(loops.least_loaded().index(), 1);
    ActiveToken second(loops.at(1)), third(loops.at(2));
    EXPECT_EQ(loops.least_loaded().index(), 0);
    first.reset();
    EXPECT_EQ(loops.least_loaded().index(), 0);
}

TEST(LoopPool, StopUnwindsEveryCoroutine) {
    std::atomic<int> ended{0};
    {
        LoopPool loops(2);
        auto sleeper = [](Loop& loop, std::atomic<int>& count) -> asio::awaitable<void> {
            auto slept = co_await sleep_for(loop, 1h);
            if (!slept && slept.error().kind == ErrorKind::cancelled) ++count;
            auto again = co_await sleep_for(loop, 1h);  // and so does every later wait
            if (!again) ++count;
        };
        for (std::size_t i = 0; i < 10; ++i) {
            Loop& loop = loops.at(i % 2);
            spawn(loop, "sleeper", sleeper(loop, ended));
        }
        loops.start();
        loops.stop();
        loops.join();
    }
    EXPECT_EQ(ended, 20);
    EXPECT_EQ(escaped_exceptions(), 0U);
}

TEST(LoopPool, PostRunsOnTheLoopsOwnThread) {
    LoopPool loops(2);
    loops.start();
    std::atomic<bool> done{false};
    std::thread::id first, second;
    loops.at(0).post([&] {
        first = std::this_thread::get_id();
        loops.at(1).post([&] {
            second = std::this_thread::get_id();
            done = true;
        });
    });
    while (!done)
        std::this_thread::yield();
    EXPECT_NE(first, second);
}

TEST(Waiter, KeepsAWakeThatCameFirst) {
    Loop loop;
    Waiter waiter;
    waiter.wake();
    EXPECT_EQ(run(loop, waiter.wait(loop, 1h)), Wake::ready);
}

TEST(Waiter, EndsWithTheLimit) {
    Loop loop;
    Waiter waiter;
    EXPECT_EQ(run(loop, waiter.wait(loop, 10ms)), Wake::timeout);
}

TEST(Waiter, EndsWithItsScope) {
    Loop loop;
    Waiter waiter;
    CancelScope scope;
    loop.post([&scope] { scope.cancel(); });
    EXPECT_EQ(run(loop, waiter.wait(loop, 1h, &scope)), Wake::cancelled);
    EXPECT_EQ(run(loop, waiter.wait(loop, 1h, &scope)), Wake::cancelled);
}

TEST(Waiter, ALateWakeIsNotMistakenForTheNext) {
    Loop loop;
    Waiter waiter;
    std::vector<Wake> wakes;
    auto task = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            const Wake wake = co_await waiter.wait(loop, 1h);
            wakes.push_back(wake);
        }
    };
    spawn(loop, "test", task());
    ccr::testing::settle(loop);
    waiter.wake(Wake::timeout);
    waiter.wake(Wake::timeout);
    ccr::testing::settle(loop);
    EXPECT_EQ(wakes, std::vector<Wake>{Wake::timeout});
    waiter.wake();
    ccr::testing::settle(loop);
    EXPECT_EQ(wakes, (std::vector<Wake>{Wake::timeout, Wake::ready}));
}

TEST(Loop, FormatsTheDate) {
    Loop loop;
    const std::string date(loop.http_date());
    EXPECT_EQ(date.size(), 29U);
    EXPECT_TRUE(date.ends_with(" GMT"));
}

TEST(BufferPool, RecyclesBlocks) {
    BufferPool pool;
    char* first = nullptr;
    {
        const Buffer buffer = pool.take();
        first = buffer.data();
        EXPECT_EQ(pool.leased(), 1U);
        EXPECT_EQ(buffer.size(), BufferPool::block);
    }
    EXPECT_EQ(pool.leased(), 0U);
    const Buffer again = pool.take();
    EXPECT_EQ(again.data(), first);
}

}  // namespace
}  // namespace ccr::net
