// SPDX-License-Identifier: MIT
#include "daemon/net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace ccr::net {
namespace {

struct Node final : TimerNode {
    std::function<void()> action;
    int fired = 0;
    void on_timer() override {
        ++fired;
        if (action) action();
    }
};

const SteadyTime start = SteadyTime{} + 1h;

TEST(TimerWheel, FiresNeverEarlyAndAtMostOneTickLate) {
    WheelCore wheel(start);
    std::mt19937 random(7);
    std::uniform_int_distribution<int> span(0, 400'000);
    struct Timed {
        Node node;
        SteadyTime due, fired_at;
    };
    std::vector<std::unique_ptr<Timed>> all;
    SteadyTime now = start;
    for (int i = 0; i < 500; ++i) {
        auto timed = std::make_unique<Timed>();
        timed->due = now + Millis(span(random));
        timed->node.action = [&now, raw = timed.get()] { raw->fired_at = now; };
        wheel.arm(timed->node, now, std::chrono::duration_cast<Millis>(timed->due - now));
        all.push_back(std::move(timed));
        now += Millis(i % 13);
        wheel.advance(now);
    }
    while (const auto next = wheel.next_wake()) {
        now = std::max(now, *next);
        wheel.advance(now);
    }
    for (const auto& timed : all) {
        ASSERT_EQ(timed->node.fired, 1);
        EXPECT_GE(timed->fired_at, timed->due);
        EXPECT_LE(timed->fired_at, timed->due + 2 * WheelCore::tick + Millis(13));
    }
}

TEST(TimerWheel, DeadlinesOnEveryBoundaryFireInTime) {
    for (const int ticks : {1, 63, 64, 65, 127, 128, 4095, 4096, 4097, 262'143, 262'144, 300'000}) {
        WheelCore wheel(start);
        Node node;
        SteadyTime now = start + Millis(5);
        wheel.arm(node, now, WheelCore::tick * ticks);
        const SteadyTime due = now + WheelCore::tick * ticks;
        wheel.advance(due - Millis(1));
        EXPECT_EQ(node.fired, 0) << ticks;
        wheel.advance(due + WheelCore::tick);
        EXPECT_EQ(node.fired, 1) << ticks;
        EXPECT_FALSE(wheel.next_wake()) << ticks;
    }
}

TEST(TimerWheel, ADisarmedDeadlineNeverFires) {
    WheelCore wheel(start);
    Node node;
    wheel.arm(node, start, 100ms);
    node.disarm();
    EXPECT_FALSE(node.armed());
    wheel.advance(start + 1s);
    EXPECT_EQ(node.fired, 0);
    EXPECT_EQ(wheel.armed(), 0U);
}

TEST(TimerWheel, RearmingMovesTheDeadline) {
    WheelCore wheel(start);
    Node node;
    wheel.arm(node, start, 100ms);
    wheel.arm(node, start + 90ms, 100ms);
    EXPECT_EQ(wheel.armed(), 1U);
    wheel.advance(start + 150ms);
    EXPECT_EQ(node.fired, 0);
    wheel.advance(start + 200ms);
    EXPECT_EQ(node.fired, 1);
}

TEST(TimerWheel, ADeadlineMayRearmItselfAndDestroyOthers) {
    WheelCore wheel(start);
    Node first;
    auto second = std::make_unique<Node>();
    first.action = [&] {
        second.reset();
        if (first.fired < 3) wheel.arm(first, start + 50ms * first.fired, 50ms);
    };
    second->action = [&] {
        first.disarm();
        wheel.arm(first, start + 10ms, 50ms);
    };
    wheel.arm(first, start, 10ms);
    wheel.arm(*second, start, 10ms);
    for (SteadyTime now = start; now < start + 1s; now += 10ms)
        wheel.advance(now);
    EXPECT_EQ(first.fired, 3);
}

TEST(TimerWheel, DestructionDisarms) {
    WheelCore wheel(start);
    {
        Node node;
        wheel.arm(node, start, 100ms);
        EXPECT_EQ(wheel.armed(), 1U);
    }
    EXPECT_EQ(wheel.armed(), 0U);
    wheel.advance(start + 1s);
}

TEST(TimerWheel, ANodeOutlivesItsWheel) {
    Node node;
    {
        WheelCore wheel(start);
        wheel.arm(node, start, 100ms);
    }
    EXPECT_FALSE(node.armed());
}

}  // namespace
}  // namespace ccr::net
