// SPDX-License-Identifier: MIT
#include "daemon/route/retry_plan.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace ccr::route {
namespace {

using K = ErrorKind;
using To = Move::To;

const SteadyTime start{std::chrono::hours(1)};
const SteadyTime deadline = start + 600s;
const config::Retry usual;

// Everything is to be had, if only it is asked for.
Situation open_handed() {
    Situation situation;
    situation.other_key = true;
    situation.other_target = true;
    situation.larger_window = true;
    situation.adaptable = true;
    situation.chance = 0.5;
    situation.now = start;
    return situation;
}

Situation only(bool Situation::*what) {
    Situation situation;
    situation.now = start;
    situation.chance = 0.5;
    if (what != nullptr) situation.*what = true;
    return situation;
}

// What is done with a kind of failure, step by step while it lasts. Each letter is a move:
// s same target, a the same with the request adapted, n next target, w larger window, x give up.
std::string course(K kind, Situation situation, int steps = 12,
                   const config::Retry& options = usual, std::optional<Millis> retry_after = {}) {
    RetryPlan plan(options, deadline);
    Error error(kind, "x");
    error.retry_after = retry_after;
    std::string moves;
    for (int i = 0; i < steps; ++i) {
        const Move move = plan.after(error, situation);
        switch (move.to) {
            case To::same_target:
                moves += move.adaptation == Adaptation::none ? 's' : 'a';
                break;
            case To::next_target:
                return moves + 'n';
            case To::larger_window:
                return moves + 'w';
            default:
                return moves + 'x';
        }
    }
    return moves + "...";
}

struct Row {
    K kind;
    Blame blame;
    const char* alone;   // nothing else is open
    const char* others;  // another target is open
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << traits(row.kind).name;
}

class RetryTable : public testing::TestWithParam<Row> {};

TEST_P(RetryTable, DoesWhatTheTableSays) {
    const Row& row = GetParam();
    EXPECT_EQ(course(row.kind, only(nullptr)), row.alone);
    EXPECT_EQ(course(row.kind, only(&Situation::other_target)), row.others);
    EXPECT_EQ(rule_of(row.kind).blame, row.blame);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RetryTable,
    testing::Values(
        // transient: three retries, then the next tier
        Row{K::resolve, Blame::breaker, "sssx", "sssn"},
        Row{K::connect, Blame::breaker, "sssx", "sssn"},
        Row{K::tls, Blame::breaker, "sssx", "sssn"}, Row{K::reset, Blame::breaker, "sssx", "sssn"},
        Row{K::eof, Blame::breaker, "sssx", "sssn"},
        Row{K::server_error, Blame::breaker, "sssx", "sssn"},
        Row{K::overloaded, Blame::breaker, "sssx", "sssn"},
        // the same, but once: these cost the client its time
        Row{K::timeout, Blame::breaker, "sx", "sn"}, Row{K::malformed, Blame::breaker, "sx", "sn"},
        // limited, credential, missing
        Row{K::rate_limited, Blame::limited, "x", "n"}, Row{K::billing, Blame::quota, "x", "n"},
        Row{K::auth, Blame::refused, "x", "n"}, Row{K::model_missing, Blame::missing, "x", "n"},
        // too big
        Row{K::context_overflow, Blame::none, "x", "x"}, Row{K::too_large, Blame::none, "x", "x"},
        // what the provider cannot do
        Row{K::capability, Blame::none, "x", "n"}, Row{K::max_tokens, Blame::none, "x", "n"},
        Row{K::not_supported, Blame::none, "x", "n"},
        // the caller's fault
        Row{K::rejected, Blame::none, "x", "x"}, Row{K::policy, Blame::none, "x", "x"},
        Row{K::invalid_request, Blame::none, "x", "x"}, Row{K::not_found, Blame::none, "x", "x"},
        Row{K::unauthorized, Blame::none, "x", "x"}, Row{K::forbidden, Blame::none, "x", "x"},
        Row{K::method_not_allowed, Blame::none, "x", "x"},
        Row{K::request_timeout, Blame::none, "x", "x"},
        Row{K::header_too_large, Blame::none, "x", "x"},
        // nobody is there to answer, or it is our own doing
        Row{K::cancelled, Blame::none, "x", "x"}, Row{K::internal, Blame::none, "x", "x"},
        Row{K::unavailable, Blame::none, "x", "n"}, Row{K::config, Blame::none, "x", "n"},
        Row{K::io, Blame::none, "x", "n"}));

TEST(RetryPlan, BacksOffWithFullJitter) {
    Situation situation = open_handed();
    config::Retry many;
    many.max_retries = 9;
    situation.retry = &many;
    for (const double chance : {0.0, 0.3, 0.999}) {
        RetryPlan plan(usual, deadline);
        situation.chance = chance;
        for (const int most : {200, 400, 800, 1600, 3200, 6400, 10'000, 10'000}) {
            const Move move = plan.after(Error(K::server_error, "x"), situation);
            ASSERT_EQ(move.to, To::same_target);
            EXPECT_EQ(move.delay, Millis(static_cast<int>(most * chance)));
        }
    }
}

TEST(RetryPlan, WaitsAtLeastAsLongAsTheProviderAsks) {
    RetryPlan plan(usual, deadline);
    Error error(K::overloaded, "x");
    error.retry_after = 4s;
    Situation situation = open_handed();
    const Move move = plan.after(error, situation);
    EXPECT_EQ(move.to, To::same_target);
    EXPECT_GE(move.delay, 4s);
    EXPECT_LE(move.delay, 5s);
    error.retry_after = 11s;
    EXPECT_EQ(plan.after(error, situation).to, To::next_target) << "too long to wait in place";
}

TEST(RetryPlan, CountsTheRetriesOfEachTargetAnew) {
    RetryPlan plan(usual, deadline);
    const Situation situation = open_handed();
    for (int target = 0; target < 3; ++target) {
        for (int retry = 0; retry < 3; ++retry)
            ASSERT_EQ(plan.after(Error(K::reset, "x"), situation).to, To::same_target);
        ASSERT_EQ(plan.after(Error(K::reset, "x"), situation).to, To::next_target);
    }
}

TEST(RetryPlan, TriesTheOtherKeysOfAProviderFirst) {
    const Situation situation = only(&Situation::other_key);
    for (const K kind : {K::auth, K::billing, K::rate_limited}) {
        RetryPlan plan(usual, deadline);
        const Move move = plan.after(Error(kind, "x"), situation);
        EXPECT_EQ(move.to, To::same_target) << traits(kind).name;
        EXPECT_EQ(move.delay, 0ms);
    }
    Situation none = only(&Situation::other_target);
    EXPECT_EQ(course(K::auth, none), "n");
}

TEST(RetryPlan, FollowsTheProvidersPolicyOnLimits) {
    Situation situation = only(&Situation::other_target);
    situation.reopens = 3s;
    EXPECT_EQ(course(K::rate_limited, situation), "n") << "cascade";

    situation.policy = config::OnRateLimit::wait;
    EXPECT_EQ(course(K::rate_limited, situation), "sssn");
    RetryPlan plan(usual, deadline);
    const Move move = plan.after(Error(K::rate_limited, "x"), situation);
    EXPECT_GE(move.delay, 3s);
    EXPECT_LE(move.delay, 3750ms);
    situation.max_wait = 2s;
    EXPECT_EQ(course(K::rate_limited, situation), "n") << "longer than maxWaitMs";

    situation.policy = config::OnRateLimit::give_back;
    situation.other_key = true;
    EXPECT_EQ(course(K::rate_limited, situation), "x");
}

TEST(RetryPlan, TakesALargerWindowOnce) {
    RetryPlan plan(usual, deadline);
    const Situation situation = open_handed();
    EXPECT_EQ(plan.after(Error(K::context_overflow, "x"), situation).to, To::larger_window);
    EXPECT_EQ(plan.after(Error(K::context_overflow, "x"), situation).to, To::give_up);
}

TEST(RetryPlan, AdaptsARequestOncePerTarget) {
    EXPECT_EQ(course(K::max_tokens, open_handed()), "an");
    EXPECT_EQ(course(K::capability, open_handed()), "an");
    RetryPlan plan(usual, deadline);
    const Situation situation = open_handed();
    EXPECT_EQ(plan.after(Error(K::max_tokens, "x"), situation).adaptation, Adaptation::max_tokens);
    EXPECT_EQ(plan.after(Error(K::capability, "x"), situation).adaptation, Adaptation::feature);
}

TEST(RetryPlan, GoesOnWhereATargetCannotEvenBeAsked) {
    Situation situation = only(&Situation::other_target);
    situation.unsendable = true;
    EXPECT_EQ(course(K::invalid_request, situation), "n");
    situation.other_target = false;
    EXPECT_EQ(course(K::invalid_request, situation), "x");
}

TEST(RetryPlan, StopsAtTheDeadline) {
    RetryPlan plan(usual, start + 100ms);
    Situation situation = open_handed();
    situation.chance = 0.9;
    EXPECT_EQ(plan.after(Error(K::reset, "x"), situation).to, To::next_target)
        << "180 ms would be too late, the next target is not";
    situation.now = start + 100ms;
    for (const K kind : {K::reset, K::rate_limited, K::auth, K::context_overflow, K::capability})
        EXPECT_EQ(plan.after(Error(kind, "x"), situation).to, To::give_up) << traits(kind).name;
}

TEST(RetryPlan, FallbackOnWidensWhatGoesToTheNextTarget) {
    config::Retry options;
    options.fallback_on = {"422", "policy"};
    Error error(K::rejected, "x");
    const Situation situation = only(&Situation::other_target);
    const auto after = [&] { return RetryPlan(options, deadline).after(error, situation).to; };
    error.upstream_status = 400;
    EXPECT_EQ(after(), To::give_up);
    error.upstream_status = 422;
    EXPECT_EQ(after(), To::next_target);
    error.kind = K::policy;
    error.upstream_status = 400;
    EXPECT_EQ(after(), To::next_target);
    EXPECT_EQ(course(K::policy, only(nullptr), 12, options), "x");
}

TEST(RetryPlan, EveryNumberIsAnOption) {
    config::Retry options;
    options.base_delay = 10ms;
    options.max_delay = 20ms;
    EXPECT_EQ(RetryPlan::backoff(options, 0, 0.5), 5ms);
    EXPECT_EQ(RetryPlan::backoff(options, 9, 0.5), 10ms);
    const Situation situation = only(&Situation::other_target);
    options.max_retries = 0;
    EXPECT_EQ(course(K::server_error, situation, 12, options), "n");
    options.max_retries = 7;
    EXPECT_EQ(course(K::server_error, situation, 12, options), "sssssssn");
}

// A target's own numbers take the place of the common ones; how long a provider may ask to be left
// alone in place stays the common limit.
TEST(RetryPlan, ATargetMayHaveNumbersOfItsOwn) {
    config::Retry own;
    own.max_retries = 5;
    own.base_delay = 50ms;
    own.growth = 1.5;
    own.max_delay = 150ms;
    Situation situation = open_handed();
    situation.retry = &own;
    situation.chance = 0.999999;
    RetryPlan plan(usual, deadline);
    for (const int most : {50, 75, 112, 150, 150}) {
        const Move move = plan.after(Error(K::server_error, "x"), situation);
        ASSERT_EQ(move.to, To::same_target);
        EXPECT_NEAR(static_cast<double>(move.delay.count()), most, 1);
    }
    EXPECT_EQ(plan.after(Error(K::server_error, "x"), situation).to, To::next_target);
    Error patient(K::overloaded, "x");
    patient.retry_after = 2s;
    const Move move = plan.after(patient, situation);
    EXPECT_EQ(move.to, To::same_target);
    EXPECT_GE(move.delay, 2s);
    own.max_retries = 0;
    EXPECT_EQ(course(K::server_error, situation), "n");
}

TEST(RetryPlan, AnyGrowthStaysWithinTheLongestDelay) {
    config::Retry options;
    options.growth = 100;
    EXPECT_EQ(RetryPlan::backoff(options, 100, 0.5), 5s);
    options.growth = 1;
    EXPECT_EQ(RetryPlan::backoff(options, 100, 0.5), 100ms);
}

TEST(RetryPlan, WaitsOnceForTheFirstTargetToOpenIfThatIsSoon) {
    RetryPlan plan(usual, deadline);
    EXPECT_EQ(plan.wait_for_opening(5001ms, 5s, start), std::nullopt);
    EXPECT_EQ(plan.wait_for_opening(5s, 5s, start), 5s);
    EXPECT_EQ(plan.wait_for_opening(1s, 5s, start), std::nullopt);
    RetryPlan late(usual, start + 1s);
    EXPECT_EQ(late.wait_for_opening(1s, 5s, start), std::nullopt);
}

TEST(RetryPlan, WhatAClientCanActOnIsMoreTelling) {
    const auto telling = [](K kind) { return rule_of(kind).telling; };
    EXPECT_GT(telling(K::context_overflow), telling(K::rate_limited));
    EXPECT_GT(telling(K::rate_limited), telling(K::overloaded));
    EXPECT_GT(telling(K::overloaded), telling(K::server_error));
    EXPECT_GT(telling(K::server_error), telling(K::billing));
    EXPECT_GT(telling(K::billing), telling(K::auth));
    EXPECT_GT(telling(K::auth), telling(K::connect));
}

}  // namespace
}  // namespace ccr::route
