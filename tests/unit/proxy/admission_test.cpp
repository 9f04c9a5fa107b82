// SPDX-License-Identifier: MIT
#include "daemon/proxy/admission.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "daemon/net/spawn.hpp"
#include "tests/testing/run.hpp"

namespace ccr::proxy {
namespace {

using net::Wake;

net::asio::awaitable<Wake> wait_for(Gates::Place& place, net::Limit limit,
                                    net::CancelScope* scope) {
    co_return co_await place.wait(limit, scope);
}

TEST(Gates, AdmitsSoManyAndQueuesTheRestInOrder) {
    Gates gates;
    net::Loop loop;
    auto first = gates.enter(loop, "p", 2, 2);
    auto second = gates.enter(loop, "p", 2, 2);
    auto third = gates.enter(loop, "p", 2, 2);
    auto fourth = gates.enter(loop, "p", 2, 2);
    const auto fifth = gates.enter(loop, "p", 2, 2);
    EXPECT_TRUE(first.admitted());
    EXPECT_TRUE(second.admitted());
    EXPECT_FALSE(third.admitted());
    EXPECT_FALSE(fourth.admitted());
    EXPECT_FALSE(fifth.valid()) << "the queue is full";
    EXPECT_TRUE(gates.enter(loop, "q", 2, 2).admitted()) << "another provider";

    second.leave();
    EXPECT_TRUE(third.admitted());
    EXPECT_FALSE(fourth.admitted());
    EXPECT_EQ(testing::run(loop, wait_for(third, net::Limit{10'000}, nullptr)), Wake::ready);
    first = Gates::Place();
    EXPECT_TRUE(fourth.admitted());
}

TEST(Gates, WhoGivesUpWaitingLeavesNoGap) {
    Gates gates;
    net::Loop loop;
    auto first = gates.enter(loop, "p", 1, 5);
    auto second = gates.enter(loop, "p", 1, 5);
    auto third = gates.enter(loop, "p", 1, 5);
    EXPECT_EQ(testing::run(loop, wait_for(second, net::Limit{1}, nullptr)), Wake::timeout);
    net::CancelScope scope;
    scope.cancel();
    EXPECT_EQ(testing::run(loop, wait_for(second, net::Limit{10'000}, &scope)), Wake::cancelled);
    second.leave();
    first.leave();
    EXPECT_TRUE(third.admitted());
}

TEST(Gates, AHigherLimitLetsTheQueueIn) {
    Gates gates;
    net::Loop loop;
    auto first = gates.enter(loop, "p", 1, 5);
    auto second = gates.enter(loop, "p", 1, 5);
    EXPECT_FALSE(second.admitted());
    auto third = gates.enter(loop, "p", 3, 5);
    EXPECT_TRUE(second.admitted());
    EXPECT_TRUE(third.admitted());
}

struct Crowd {
    Gates gates;
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    std::atomic<int> served{0};
};

net::asio::awaitable<void> pass_through(std::shared_ptr<Crowd> crowd, net::Loop& loop) {
    auto place = crowd->gates.enter(loop, "p", 3, 1000);
    const net::Limit patience{10'000};
    while (!place.admitted())
        co_await place.wait(patience, nullptr);
    const int inside = ++crowd->inside;
    int most = crowd->most.load();
    while (inside > most && !crowd->most.compare_exchange_weak(most, inside)) {
    }
    net::Waiter nobody;
    const net::Limit moment{1};
    co_await nobody.wait(loop, moment);
    --crowd->inside;
    place.leave();
    ++crowd->served;
    crowd->served.notify_all();
}

TEST(Gates, HoldOverSeveralLoops) {
    auto crowd = std::make_shared<Crowd>();
    net::LoopPool loops(3);
    loops.start();
    for (std::size_t i = 0; i < 300; ++i) {
        net::Loop& loop = loops.at(i % 3);
        loop.post([crowd, &loop] { net::spawn(loop, "guest", pass_through(crowd, loop)); });
    }
    for (int served = 0; served < 300; served = crowd->served.load())
        crowd->served.wait(served);
    EXPECT_EQ(crowd->most.load(), 3);
    loops.stop();
    loops.join();
}

}  // namespace
}  // namespace ccr::proxy
