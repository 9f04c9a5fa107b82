// SPDX-License-Identifier: MIT
#include "daemon/route/breaker.hpp"

#include <gtest/gtest.h>

namespace ccr::route {
namespace {

using State = Breaker::State;
using Pass = Breaker::Pass;

const SteadyTime start{std::chrono::hours(1)};
const config::Breaker usual;

void fail(Breaker& breaker, int times, SteadyTime now, const config::Breaker& options = usual) {
    for (int i = 0; i < times; ++i)
        breaker.failure(options, breaker.enter(now), now);
}

void succeed(Breaker& breaker, int times, SteadyTime now) {
    for (int i = 0; i < times; ++i)
        breaker.success(usual, breaker.enter(now), now);
}

TEST(Breaker, OpensAfterFiveFailuresInARow) {
    Breaker breaker;
    fail(breaker, 4, start);
    EXPECT_EQ(breaker.state(start), State::closed);
    fail(breaker, 1, start);
    EXPECT_EQ(breaker.state(start), State::open);
    EXPECT_EQ(breaker.enter(start + 14s), Pass::refused);
}

TEST(Breaker, ASuccessInBetweenStartsTheCountAnew) {
    Breaker breaker;
    fail(breaker, 4, start);
    succeed(breaker, 1, start);
    fail(breaker, 4, start);
    EXPECT_EQ(breaker.state(start), State::closed);
}

TEST(Breaker, OpensWhenHalfOfTheLastTwentyFailed) {
    Breaker breaker;
    for (int i = 0; i < 9; ++i) {
        fail(breaker, 1, start);
        succeed(breaker, 1, start);
    }
    succeed(breaker, 1, start);
    EXPECT_EQ(breaker.state(start), State::closed) << "9 of 19";
    fail(breaker, 1, start);
    EXPECT_EQ(breaker.state(start), State::open) << "10 of 20";
}

TEST(Breaker, OutcomesOlderThanAMinuteDoNotCountTogether) {
    Breaker breaker;
    for (int i = 0; i < 10; ++i) {
        fail(breaker, 1, start + i * 7s);
        succeed(breaker, 1, start + i * 7s);
    }
    EXPECT_EQ(breaker.state(start + 63s), State::closed);
}

TEST(Breaker, LetsOneProbeThroughWhenItsTimeIsOver) {
    Breaker breaker;
    fail(breaker, 5, start);
    EXPECT_EQ(breaker.state(start + 15s), State::half_open);
    EXPECT_TRUE(breaker.admits(start + 15s));
    EXPECT_EQ(breaker.enter(start + 15s), Pass::probe);
    EXPECT_FALSE(breaker.admits(start + 15s));
    EXPECT_EQ(breaker.enter(start + 15s), Pass::refused);
    breaker.success(usual, Pass::probe, start + 16s);
    EXPECT_EQ(breaker.state(start + 16s), State::closed);
    EXPECT_EQ(breaker.enter(start + 16s), Pass::normal);
}

TEST(Breaker, DoublesItsTimeWithEachFailedProbeUpToFiveMinutes) {
    Breaker breaker;
    fail(breaker, 5, start);
    SteadyTime now = start;
    for (const Millis period : {15s, 30s, 60s, 120s, 240s, 300s, 300s}) {
        EXPECT_EQ(breaker.open_period(), period);
        EXPECT_FALSE(breaker.admits(now + period - 1ms));
        now += period;
        fail(breaker, 1, now);
    }
    succeed(breaker, 1, now + 300s);
    fail(breaker, 5, now + 301s);
    EXPECT_EQ(breaker.open_period(), 15s) << "starts anew once it was closed";
}

TEST(Breaker, AnAbandonedProbeMakesRoomForTheNext) {
    Breaker breaker;
    fail(breaker, 5, start);
    const Pass pass = breaker.enter(start + 20s);
    breaker.abandon(pass);
    EXPECT_EQ(breaker.state(start + 20s), State::half_open);
    EXPECT_EQ(breaker.enter(start + 20s), Pass::probe);
}

TEST(Breaker, ResultsOfRequestsSentBeforeItOpenedChangeNothing) {
    Breaker breaker;
    const Pass early = breaker.enter(start);
    fail(breaker, 5, start);
    breaker.success(usual, early, start + 1s);
    EXPECT_EQ(breaker.state(start + 1s), State::open);
    breaker.failure(usual, early, start + 14s);
    EXPECT_EQ(breaker.state(start + 15s), State::half_open) << "nor make it longer";
}

TEST(Breaker, EveryNumberIsAnOption) {
    config::Breaker options;
    options.failures = 2;
    options.open = 1s;
    options.max_open = 3s;
    Breaker breaker;
    fail(breaker, 2, start, options);
    EXPECT_EQ(breaker.open_period(), 1s);
    fail(breaker, 1, start + 1s, options);
    fail(breaker, 1, start + 3s, options);
    EXPECT_EQ(breaker.open_period(), 3s);

    options.failures = 100;
    options.window = 4;
    options.ratio = 0.75;
    options.window_time = 10s;
    Breaker by_ratio;
    for (const bool failed : {true, true, false, false, true, true}) {
        EXPECT_EQ(by_ratio.state(start), State::closed);
        failed ? by_ratio.failure(options, Pass::normal, start)
               : by_ratio.success(options, Pass::normal, start);
    }
    EXPECT_EQ(by_ratio.state(start), State::closed) << "2 of 4";
    by_ratio.failure(options, Pass::normal, start);
    EXPECT_EQ(by_ratio.state(start), State::open) << "3 of 4";

    options.failures = 0;
    Breaker never;
    fail(never, 100, start, options);
    EXPECT_EQ(never.state(start), State::closed);
}

TEST(Breaker, GoesOnWhereItWasAfterARestart) {
    Breaker breaker;
    breaker.restore_open(start + 40s, 60s);
    EXPECT_EQ(breaker.state(start + 39s), State::open);
    fail(breaker, 1, start + 40s);
    EXPECT_EQ(breaker.open_period(), 120s);
}

}  // namespace
}  // namespace ccr::route
