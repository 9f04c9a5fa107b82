// SPDX-License-Identifier: MIT
#include "daemon/route/rate_book.hpp"

#include <gtest/gtest.h>

namespace ccr::route {
namespace {

const SteadyTime start{std::chrono::hours(1)};
const config::RateLimit usual;

TEST(RateState, HonoursTheProvidersWordHoweverLong) {
    RateState state;
    state.limited(usual, start, start, 25min, 0.5);
    EXPECT_EQ(state.closure(start + 25min - 1ms), Closure::limited);
    EXPECT_EQ(state.closure(start + 25min), Closure::none);
    EXPECT_EQ(state.open_at(start), start + 25min);
}

TEST(RateState, BacksOffByItselfTwiceAsLongEachTimeUpToAMinute) {
    RateState state;
    SteadyTime now = start;
    for (const Millis most : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        state.limited(usual, now, now, std::nullopt, 0.999999);
        const auto wait = state.open_at(now) - now;
        EXPECT_LE(wait, most);
        EXPECT_GE(wait, most - 10ms);
        now += most;
    }
    state.success();
    state.limited(usual, now, now, std::nullopt, 0.999999);
    EXPECT_LE(state.open_at(now) - now, 1s) << "a success starts anew";
}

TEST(RateState, DrawsTheWholeDelayByChance) {
    for (const double chance : {0.0, 0.25, 0.5}) {
        RateState state;
        state.limited(usual, start, start, std::nullopt, chance);
        EXPECT_EQ(state.open_at(start) - start, Millis(static_cast<int>(chance * 1000)));
    }
}

TEST(RateState, CountsAnswersToRequestsUnderWayTogetherOnce) {
    RateState state;
    for (int i = 0; i < 10; ++i)
        state.limited(usual, start, start + 1s + i * 1ms, std::nullopt, 0.5);
    EXPECT_EQ(state.streak(), 1U);
    state.limited(usual, start + 2s, start + 3s, std::nullopt, 0.5);
    EXPECT_EQ(state.streak(), 2U);
}

TEST(RateState, AShorterWordDoesNotLiftALongerOne) {
    RateState state;
    state.out_of_quota(usual, start, 1h);
    state.limited(usual, start, start, 5s, 0);
    EXPECT_EQ(state.closure(start + 59min), Closure::quota);
    state.success();
    EXPECT_EQ(state.closure(start + 59min), Closure::quota);
}

TEST(RateState, KnowsWhatElseClosesACredential) {
    RateState quota;
    quota.out_of_quota(usual, start, std::nullopt);
    EXPECT_EQ(quota.open_at(start) - start, 15min);
    RateState refused;
    refused.refused(usual, start);
    EXPECT_EQ(refused.closure(start + 59s), Closure::refused);
    EXPECT_EQ(refused.closure(start + 60s), Closure::none);
    RateState exhausted;
    exhausted.exhausted(start, 90s);
    EXPECT_EQ(exhausted.closure(start + 89s), Closure::exhausted);
    EXPECT_EQ(exhausted.closure(start + 90s), Closure::none);
}

TEST(RateState, EveryNumberIsAnOption) {
    config::RateLimit options;
    options.base_delay = 100ms;
    options.max_delay = 150ms;
    options.quota_delay = 7s;
    options.misconfigured_delay = 9s;
    RateState state;
    state.limited(options, start, start, std::nullopt, 0.5);
    EXPECT_EQ(state.open_at(start) - start, 50ms);
    state.limited(options, start + 1s, start + 1s, std::nullopt, 0.5);
    EXPECT_EQ(state.open_at(start + 1s) - (start + 1s), 75ms);
    state.out_of_quota(options, start + 2s, std::nullopt);
    EXPECT_EQ(state.open_at(start + 2s), start + 9s);
    state.refused(options, start + 2s);
    EXPECT_EQ(state.open_at(start + 2s), start + 11s);
}

TEST(RateBook, GoesRoundTheOpenCredentials) {
    RateBook book;
    const std::vector<std::uint64_t> keys{11, 22, 33};
    EXPECT_EQ(book.pick(keys, 0, start), 0U);
    EXPECT_EQ(book.pick(keys, 2, start), 2U);
    book.state(22).limited(usual, start, start, 10s, 0);
    EXPECT_EQ(book.pick(keys, 1, start), 2U);
    book.state(33).refused(usual, start);
    EXPECT_EQ(book.pick(keys, 1, start), 0U);
    book.state(11).limited(usual, start, start, 20s, 0);
    EXPECT_EQ(book.pick(keys, 1, start), std::nullopt);
    Closure why = Closure::none;
    EXPECT_EQ(book.open_at(keys, start, &why), start + 10s);
    EXPECT_EQ(why, Closure::limited);
    EXPECT_EQ(book.pick(keys, 0, start + 10s), 1U);
}

TEST(RateBook, ForgetsTheOldestCredentials) {
    RateBook book;
    for (std::uint64_t key = 0; key < 1000; ++key)
        book.state(key).refused(usual, start);
    EXPECT_EQ(book.credentials().size(), RateBook::max_credentials);
    EXPECT_EQ(book.find(1), nullptr);
    EXPECT_NE(book.find(999), nullptr);
}

}  // namespace
}  // namespace ccr::route
