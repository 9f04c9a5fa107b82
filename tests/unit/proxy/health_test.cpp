// SPDX-License-Identifier: MIT
#include "daemon/proxy/health.hpp"

#include <gtest/gtest.h>

#include "common/config/load.hpp"
#include "daemon/proxy/lineup.hpp"

namespace ccr::proxy {
namespace {

const SteadyTime start{std::chrono::hours(5)};

struct Fixture : testing::Test {
    Fixture() {
        load(R"({
          Providers: [
            {name: "a", api_base_url: "https://a.example/v1/chat/completions", models: ["m"],
             api_keys: ["k1", "k2"]},
            {name: "b", api_base_url: "https://b.example/v1/chat/completions", models: ["m"]},
            {name: "c", api_base_url: "https://c.example/v1/chat/completions", models: ["m"]},
          ],
          Router: {default: "a,m", think: "b,m", image: "c,m"}})");
    }

    void load(std::string_view text) {
        auto loaded = config::load_text(text, "test.json");
        ASSERT_TRUE(loaded.ok());
        auto built = route::Directory::build(loaded.config);
        ASSERT_TRUE(built);
        directory = *built;
        lineup = Lineup::build(*directory);
        planned = {lineup.tiers().targets().front()};
        seats = lineup.seats(planned, "default", {});
    }

    Choice choose(SteadyTime now) { return health.choose(seats, now); }
    // One attempt at the first open seat.
    std::string serve(SteadyTime now, std::uint64_t conversation = 0) {
        auto mine = lineup.seats(planned, "default", {});
        Choice choice = health.choose_first(mine, conversation, now);
        if (!choice.seat) return "none";
        Arrival arrival;
        arrival.conversation = conversation;
        health.content(choice.ticket, arrival, now);
        return mine[*choice.seat].target->provider->config->name;
    }
    Aftermath fail(Choice& choice, ErrorKind kind, SteadyTime now,
                   std::optional<Millis> retry_after = {}) {
        Error error(kind, "x");
        error.retry_after = retry_after;
        const auto& limits = seats[*choice.seat].target->provider->config->rate_limit;
        return health.failed(choice.ticket, error, limits, seats, *choice.seat, now);
    }

    Health health;
    std::shared_ptr<const route::Directory> directory;
    Lineup lineup;
    std::vector<route::Target> planned;
    std::vector<Seat> seats;
};

TEST_F(Fixture, TakesTheFirstThatIsOpen) {
    EXPECT_EQ(choose(start).seat, 0U);
    for (int i = 0; i < 5; ++i) {
        Choice choice = choose(start);
        ASSERT_EQ(choice.seat, 0U);
        EXPECT_TRUE(fail(choice, ErrorKind::reset, start).other_target);
    }
    EXPECT_EQ(choose(start).seat, 1U);
    EXPECT_EQ(seats[0].note, "open");
    EXPECT_EQ(choose(start + 15s).seat, 0U) << "the probe";
    EXPECT_EQ(choose(start + 15s).seat, 1U) << "one probe at a time";
}

TEST_F(Fixture, TurnsTheKeysOfAProvider) {
    EXPECT_EQ(choose(start).credential, 0U);
    EXPECT_EQ(choose(start).credential, 1U);
    Choice choice = choose(start);
    EXPECT_EQ(choice.credential, 0U);
    EXPECT_TRUE(fail(choice, ErrorKind::auth, start).other_key);
    EXPECT_EQ(choose(start).credential, 1U);
    choice = choose(start);
    EXPECT_EQ(choice.credential, 1U);
    EXPECT_FALSE(fail(choice, ErrorKind::rate_limited, start, 30s).other_key);
    EXPECT_EQ(choose(start).seat, 1U);
}

TEST_F(Fixture, WhatIsNotCertainlyClosedIsAskedWhenNothingElseIsLeft) {
    for (std::size_t at = 0; at < 3; ++at) {
        Choice choice = choose(start);
        ASSERT_EQ(choice.seat, at);
        const bool last = at == 2;
        fail(choice, last ? ErrorKind::rate_limited : ErrorKind::model_missing, start, 40s);
    }
    EXPECT_EQ(choose(start).seat, 0U) << "the model may be there by now; the limit is certain";
    seats[0].spent = seats[1].spent = true;
    const Choice none = choose(start + 10s);
    EXPECT_EQ(none.seat, std::nullopt);
    EXPECT_EQ(none.opens, 30s);
    ASSERT_TRUE(none.last);
    EXPECT_EQ(none.last->kind, ErrorKind::rate_limited);
}

TEST_F(Fixture, PassesOverWhatDoesNotFitWhileAnotherDoes) {
    seats[0].fits = false;
    EXPECT_EQ(choose(start).seat, 1U);
    EXPECT_EQ(seats[0].note, "unfit");
    seats[1].fits = seats[2].fits = false;
    EXPECT_EQ(choose(start).seat, 0U);
}

TEST_F(Fixture, AConversationStaysWhereItWasServedWhileThatIsWell) {
    for (int i = 0; i < 5; ++i) {
        Choice choice = choose(start);
        fail(choice, ErrorKind::reset, start);
    }
    EXPECT_EQ(serve(start, 7), "b");
    EXPECT_EQ(serve(start + 15s, 8), "a") << "the probe succeeds";
    EXPECT_EQ(serve(start + 16s, 7), "b") << "its prompt cache is there";
    EXPECT_EQ(serve(start + 16s, 9), "a");
    seats = lineup.seats(planned, "default", {});
    seats[0].spent = true;
    for (int i = 0; i < 5; ++i) {
        Choice choice = choose(start + 20s);
        ASSERT_EQ(choice.seat, 1U);
        fail(choice, ErrorKind::reset, start + 20s);
    }
    EXPECT_EQ(serve(start + 21s, 7), "a") << "b is not well any more";
}

TEST_F(Fixture, PromotesByMode) {
    const auto promoted = [this](config::PromotionMode mode) {
        Health fresh;
        config::Dispatch options;
        options.promotion.mode = mode;
        fresh.configure(options);
        std::string order;
        for (int i = 0; i < 60; ++i) {
            const SteadyTime now = start + i * 1s;
            auto mine = lineup.seats(planned, "default", {});
            std::ignore = fresh.choose_first(mine, 0, now);
            order.clear();
            for (std::size_t at = 0; at < mine.size(); ++at) {
                order += mine[at].target->provider->config->name;
                Choice each = fresh.choose(std::span(mine).subspan(at, 1), now);
                const std::string& name = mine[at].target->provider->config->name;
                Arrival arrival;
                arrival.first_content = name == "a" ? 900ms : name == "b" ? 500ms : 100ms;
                fresh.content(each.ticket, arrival, now);
            }
        }
        return order;
    };
    EXPECT_EQ(promoted(config::PromotionMode::off), "abc");
    EXPECT_EQ(promoted(config::PromotionMode::fallbacks), "acb");
    EXPECT_EQ(promoted(config::PromotionMode::all), "cba");
}

TEST_F(Fixture, HeadersCloseATargetUntilItsLimitIsFullAgain) {
    seats[0].keys = seats[0].keys.first(1);
    Choice choice = choose(start);
    Arrival arrival;
    arrival.exhausted = 20s;
    health.content(choice.ticket, arrival, start);
    EXPECT_EQ(choose(start + 19s).seat, 1U);
    EXPECT_EQ(choose(start + 20s).seat, 0U);
}

TEST_F(Fixture, AnOverloadedTargetRestsAsLongAsItAsks) {
    seats[0].keys = seats[0].keys.first(1);
    Choice choice = choose(start);
    fail(choice, ErrorKind::overloaded, start, 30s);
    EXPECT_EQ(choose(start + 29s).seat, 1U);
    EXPECT_EQ(choose(start + 30s).seat, 0U);
}

TEST_F(Fixture, AClientThatLeavesIsNoSign) {
    for (int i = 0; i < 20; ++i) {
        Choice choice = choose(start);
        ASSERT_EQ(choice.seat, 0U);
        health.abandoned(choice.ticket);
    }
    const auto report = health.report(start);
    EXPECT_EQ(report.front().first_content.samples, 0U);
    EXPECT_EQ(report.front().consecutive_failures, 0U);
}

TEST_F(Fixture, BrokenAnswersCountAgainstATarget) {
    for (int i = 0; i < 20; ++i) {
        Choice choice = choose(start);
        if (choice.seat != 0U) break;
        health.content(choice.ticket, {}, start);
        health.broken(choice.ticket, start);
    }
    EXPECT_EQ(choose(start).seat, 1U);
}

TEST_F(Fixture, RemembersWhatATargetRefuses) {
    Choice choice = choose(start);
    health.learn(choice.ticket, 4);
    health.abandoned(choice.ticket);
    EXPECT_EQ(choose(start).learned, 4U);
    seats[0].spent = true;
    EXPECT_EQ(choose(start).learned, 0U);
}

TEST_F(Fixture, GoesOnAfterARestart) {
    for (int i = 0; i < 5; ++i) {
        Choice choice = choose(start);
        fail(choice, ErrorKind::reset, start);
    }
    Choice second = choose(start);
    ASSERT_EQ(second.seat, 1U);
    fail(second, ErrorKind::rate_limited, start, 60s);
    Choice third = choose(start);
    Arrival arrival;
    arrival.first_content = 250ms;
    health.content(third.ticket, arrival, start);

    Health later;
    const SteadyTime now = start + 1000h;  // another process, another clock
    later.restore(health.report(start + 5s), now);
    EXPECT_EQ(later.choose(seats, now).seat, 2U);
    seats[2].spent = true;
    const Choice none = later.choose(seats, now);
    EXPECT_EQ(none.seat, std::nullopt);
    EXPECT_EQ(none.opens, 10s);
    EXPECT_EQ(later.choose(seats, now + 10s).seat, 0U);
    for (const auto& entry : later.report(now)) {
        if (entry.provider == "c") EXPECT_EQ(entry.first_content.value, 250);
        if (entry.provider == "b") {
            EXPECT_EQ(entry.keys.at(0).closure, route::Closure::limited);
            EXPECT_EQ(entry.keys.at(0).left, 55s);
        }
    }
}

TEST_F(Fixture, KeepsABoundedNumberOfTargets) {
    const auto* provider = planned.front().provider;
    Choice old = choose(start);
    for (int i = 0; i < 3000; ++i) {
        const route::Target target{provider, "m" + std::to_string(i)};
        Seat seat = seats[1];
        seat.target = &target;
        seat.name = target_hash("a", target.model);
        Choice choice = health.choose(std::span(&seat, 1), start + 1s + i * 1ms);
        ASSERT_TRUE(choice.seat);
        health.content(choice.ticket, {}, start + 1s + i * 1ms);
    }
    EXPECT_EQ(health.report(start).size(), Health::max_targets);
    fail(old, ErrorKind::reset, start);  // of a target that is forgotten: without effect
}

TEST_F(Fixture, LineupNamesWhoStandsIn) {
    ASSERT_EQ(seats.size(), 3U);
    EXPECT_EQ(seats[0].keys.size(), 2U);
    EXPECT_NE(seats[0].keys[0], seats[0].keys[1]);
    EXPECT_EQ(seats[1].keys.size(), 1U);
    load(R"({
      Providers: [
        {name: "a", api_base_url: "https://a.example/v1/chat/completions", tier_name: "gold",
         models: [{name: "m", contextWindow: 1000}, {name: "n", tools: false}]},
        {name: "b", api_base_url: "https://b.example/v1/chat/completions",
         models: [{name: "m", contextWindow: 9000}]},
      ],
      fallback: {default: ["a,n"], think: []},
      Router: {default: "a,m", longContext: "b,m", 
               tierRetries: {gold: {max_retries: 7, base_backoff_ms: 20, backoff_multiplier: 1.5,
                                    max_backoff_ms: 90}}}})");
    ASSERT_EQ(seats.size(), 3U);
    EXPECT_EQ(seats[1].target->model, "n");
    EXPECT_TRUE(seats[2].reserve);
    EXPECT_TRUE(lineup.takes_longest(seats[2]));
    const config::Retry& own = lineup.retry(*seats[0].target);
    EXPECT_EQ(own.max_retries, 7U);
    EXPECT_EQ(own.base_delay, 20ms);
    EXPECT_EQ(own.growth, 1.5);
    EXPECT_EQ(own.max_delay, 90ms);
    EXPECT_EQ(lineup.retry(*seats[2].target), config::Retry());
    EXPECT_EQ(lineup.seats(planned, "think", {}).size(), 2U) << "no fallback, but the reserve";

    Needs needs;
    needs.tokens = 1001;
    seats = lineup.seats(planned, "default", needs);
    EXPECT_FALSE(seats[0].fits);
    EXPECT_TRUE(seats[1].fits);
    chat::Request chat;
    chat.tools.emplace_back();
    needs.tokens = 10;
    needs.chat = &chat;
    seats = lineup.seats(planned, "default", needs);
    EXPECT_TRUE(seats[0].fits);
    EXPECT_FALSE(seats[1].fits);
}

}  // namespace
}  // namespace ccr::proxy
