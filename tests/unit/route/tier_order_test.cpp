// SPDX-License-Identifier: MIT
// Histories of latencies, and the order that comes of them. Ids: 0 is configured first.
#include "daemon/route/tier_order.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace ccr::route {
namespace {

using Ids = std::vector<TierOrder::Id>;
const SteadyTime start{std::chrono::hours(5)};

Ids arranged(TierOrder& order, SteadyTime now, Ids ids = {0, 1}, std::size_t from = 0) {
    order.arrange(ids, from, now);
    return ids;
}

// One sample of each target per step.
void feed(TierOrder& order, SteadyTime from, Millis time, Millis step,
          const std::vector<Millis>& latencies) {
    for (Millis at{0}; at < time; at += step) {
        Ids all;
        for (std::size_t id = 0; id < latencies.size(); ++id) {
            const auto name = static_cast<TierOrder::Id>(id);
            all.push_back(name);
            if (latencies[id] > 0ms) order.first_content(name, latencies[id], from + at);
        }
        order.arrange(all, 0, from + at);
    }
}

TEST(TierOrder, PromotesASecondTierThatIsConsistentlyFaster) {
    TierOrder order;
    feed(order, start, 29s, 1s, {1000ms, 500ms});
    EXPECT_EQ(arranged(order, start + 29s), (Ids{0, 1})) << "not before it has been so for 30 s";
    feed(order, start + 29s, 6s, 1s, {1000ms, 500ms});
    EXPECT_EQ(arranged(order, start + 35s), (Ids{1, 0}));
}

TEST(TierOrder, AFifthFasterIsNotEnough) {
    TierOrder order;
    feed(order, start, 120s, 1s, {1000ms, 810ms});
    EXPECT_EQ(arranged(order, start + 120s), (Ids{0, 1}));
    feed(order, start + 120s, 120s, 1s, {1000ms, 790ms});
    EXPECT_EQ(arranged(order, start + 240s), (Ids{1, 0}));
}

TEST(TierOrder, TwoEqualOnesStayAsConfigured) {
    TierOrder order;
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        const SteadyTime now = start + i * 500ms;
        for (const TierOrder::Id id : {0U, 1U})
            order.first_content(id, Millis(900 + random() % 200), now);
        ASSERT_EQ(arranged(order, now), (Ids{0, 1}));
    }
}

TEST(TierOrder, UnknownIsNotFast) {
    TierOrder order;
    for (int i = 0; i < 100; ++i) {
        const SteadyTime now = start + i * 1s;
        order.first_content(0, 5000ms, now);
        ASSERT_EQ(arranged(order, now, {0, 1, 2}), (Ids{0, 1, 2})) << "1 and 2 never succeeded";
    }
    order.first_content(1, 10ms, start + 100s);
    order.first_content(1, 10ms, start + 101s);
    EXPECT_EQ(arranged(order, start + 102s), (Ids{0, 1}));
    EXPECT_EQ(arranged(order, start + 140s), (Ids{0, 1})) << "two samples are not three";
}

TEST(TierOrder, AFailingTierIsNotPromotedHoweverFastItWas) {
    TierOrder order;
    feed(order, start, 20s, 1s, {1000ms, 100ms});
    order.set_failing(1, true, start + 20s);
    feed(order, start + 20s, 60s, 1s, {1000ms, 0ms});
    EXPECT_EQ(arranged(order, start + 80s), (Ids{0, 1}));
    order.set_failing(1, false, start + 80s);
    feed(order, start + 80s, 29s, 1s, {1000ms, 100ms});
    EXPECT_EQ(arranged(order, start + 109s), (Ids{0, 1})) << "its 30 s begin anew";
    feed(order, start + 109s, 5s, 1s, {1000ms, 100ms});
    EXPECT_EQ(arranged(order, start + 114s), (Ids{1, 0}));
    order.set_failing(1, true, start + 115s);
    EXPECT_EQ(arranged(order, start + 115s), (Ids{0, 1})) << "a promoted one that fails goes back";
}

TEST(TierOrder, DemotionIsSymmetric) {
    TierOrder order;
    feed(order, start, 60s, 1s, {1000ms, 500ms});
    ASSERT_EQ(arranged(order, start + 60s), (Ids{1, 0}));
    feed(order, start + 60s, 120s, 1s, {1000ms, 1000ms});
    EXPECT_EQ(arranged(order, start + 180s), (Ids{1, 0})) << "being equal is no reason to move";
    feed(order, start + 180s, 28s, 1s, {1000ms, 2000ms});
    EXPECT_EQ(arranged(order, start + 208s), (Ids{1, 0}));
    feed(order, start + 210s, 10s, 1s, {1000ms, 2000ms});
    EXPECT_EQ(arranged(order, start + 220s), (Ids{0, 1}));
}

TEST(TierOrder, WhatWasMeasuredIsForgottenSoThatTheFirstGetsItsNextChance) {
    TierOrder order;
    feed(order, start, 60s, 1s, {1000ms, 500ms});
    ASSERT_EQ(arranged(order, start + 60s), (Ids{1, 0}));
    // Only the promoted one is asked from now on.
    feed(order, start + 60s, 8min, 1s, {0ms, 500ms});
    EXPECT_EQ(arranged(order, start + 9min), (Ids{1, 0}));
    feed(order, start + 9min, 3min, 1s, {0ms, 500ms});
    EXPECT_EQ(arranged(order, start + 12min), (Ids{0, 1}));
    EXPECT_FALSE(order.latency(0).first_content.known(order.options(), start + 12min));
    EXPECT_GT(order.latency(0).first_content.value(), 900) << "unknown, but never 0";
}

TEST(TierOrder, AFastThenSlowTierGoesBack) {
    TierOrder order;
    feed(order, start, 60s, 1s, {1000ms, 200ms});
    ASSERT_EQ(arranged(order, start + 60s), (Ids{1, 0}));
    feed(order, start + 60s, 45s, 1s, {1000ms, 4000ms});
    EXPECT_EQ(arranged(order, start + 105s), (Ids{0, 1}));
}

TEST(TierOrder, PositionsBeforeTheGivenOneStay) {
    TierOrder order;
    feed(order, start, 60s, 1s, {1000ms, 500ms, 100ms});
    EXPECT_EQ(arranged(order, start + 60s, {0, 1, 2}, 1), (Ids{0, 2, 1}));
    EXPECT_EQ(arranged(order, start + 60s, {0, 1, 2}, 0), (Ids{2, 1, 0}));
}

TEST(TierOrder, AnswersInOnePieceAreComparedByTimePerToken) {
    TierOrder order;
    for (int i = 0; i < 40; ++i) {
        const SteadyTime now = start + i * 1s;
        order.per_token(0, 40.0, now);
        order.per_token(1, 10.0, now);
        std::ignore = arranged(order, now);
    }
    EXPECT_EQ(arranged(order, start + 40s), (Ids{1, 0}));
}

TEST(TierOrder, SamePastSameOrder) {
    const auto run = [] {
        TierOrder order;
        std::mt19937 random(11);
        std::vector<Ids> orders;
        for (int i = 0; i < 3000; ++i) {
            const SteadyTime now = start + i * 200ms;
            const auto id = static_cast<TierOrder::Id>(random() % 4);
            order.first_content(id, Millis(100 + random() % 3000), now);
            orders.push_back(arranged(order, now, {0, 1, 2, 3}));
        }
        return orders;
    };
    EXPECT_EQ(run(), run());
}

// No order comes and goes faster than the dwell time, whatever the latencies do.
TEST(TierOrder, NeverSwingsFasterThanItsDwellTime) {
    for (unsigned seed = 0; seed < 12; ++seed) {
        TierOrder order;
        std::mt19937 random(seed);
        const int period = 1 + static_cast<int>(random() % 90);  // seconds of a flapping tier
        Ids last{0, 1};
        SteadyTime changed = start - 1h;
        for (int i = 0; i < 6000; ++i) {
            const SteadyTime now = start + i * 100ms;
            const bool slow = (i / (10 * period)) % 2 == 1;
            order.first_content(0, Millis(800 + random() % 400), now);
            order.first_content(1, slow ? 5000ms : Millis(50 + random() % 100), now);
            const Ids ids = arranged(order, now);
            if (ids == last) continue;
            EXPECT_GE(now - changed, 30s) << "seed " << seed << ", period " << period << " s";
            changed = now;
            last = ids;
        }
    }
}

// A tier that is failing when the order is asked for is never in front of one that was before it.
TEST(TierOrder, NeverPromotesAFailingTier) {
    for (unsigned seed = 0; seed < 12; ++seed) {
        TierOrder order;
        std::mt19937 random(seed);
        std::vector<bool> failing(3);
        for (int i = 0; i < 4000; ++i) {
            const SteadyTime now = start + i * 250ms;
            const auto id = static_cast<TierOrder::Id>(random() % 3);
            if (random() % 40 == 0) {
                failing[id] = !failing[id];
                order.set_failing(id, failing[id], now);
            } else if (!failing[id]) {
                order.first_content(id, Millis(1000 / (1 + id)), now);
            }
            const Ids ids = arranged(order, now, {0, 1, 2});
            for (std::size_t at = 0; at < ids.size(); ++at) {
                if (!failing[ids[at]]) continue;
                for (std::size_t behind = at + 1; behind < ids.size(); ++behind)
                    ASSERT_GT(ids[behind], ids[at]) << "seed " << seed << ", step " << i;
            }
        }
    }
}

TEST(TierOrder, EveryNumberIsAnOption) {
    const auto promoted_after = [](const std::function<void(config::Promotion&)>& change) {
        config::Promotion options;
        change(options);
        TierOrder order;
        order.set_options(options);
        for (int i = 0; i < 400; ++i) {
            const SteadyTime now = start + i * 1s;
            order.first_content(0, 1000ms, now);
            order.first_content(1, i < 3 ? 1000ms : 700ms, now);
            if (arranged(order, now) == Ids{1, 0}) return i;
        }
        return -1;
    };
    const int usual = promoted_after([](config::Promotion&) {});
    EXPECT_GT(usual, 30);
    EXPECT_LT(usual, 40);
    EXPECT_LT(promoted_after([](config::Promotion& o) { o.dwell = 5s; }), usual - 20);
    EXPECT_EQ(promoted_after([](config::Promotion& o) { o.ratio = 0.6; }), -1);
    EXPECT_GT(promoted_after([](config::Promotion& o) { o.alpha = 0.02; }), usual + 20);
    EXPECT_GT(promoted_after([](config::Promotion& o) { o.min_samples = 100; }), 99);
    EXPECT_EQ(promoted_after([](config::Promotion& o) { o.half_life = 100ms; }), -1);
}

TEST(TierOrder, ForgetsATargetWhole) {
    TierOrder order;
    feed(order, start, 60s, 1s, {1000ms, 500ms});
    order.forget(1);
    EXPECT_EQ(arranged(order, start + 60s), (Ids{0, 1}));
    EXPECT_EQ(order.latency(1).first_content.samples(), 0U);
}

TEST(TierOrder, ComparesAnyNumberOfTargetsInBoundedMemory) {
    TierOrder order;
    Ids many;
    for (TierOrder::Id id = 0; id < 200; ++id)
        many.push_back(id);
    order.arrange(many, 0, start);
    EXPECT_EQ(many.front(), 0U);
    EXPECT_EQ(many.back(), 199U);
}

}  // namespace
}  // namespace ccr::route
