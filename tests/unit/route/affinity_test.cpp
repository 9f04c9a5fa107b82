// SPDX-License-Identifier: MIT
#include "daemon/route/affinity.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ccr::route {
namespace {

const SteadyTime start{std::chrono::hours(1)};

TEST(Affinity, RemembersWhoServedAConversationLast) {
    Affinity affinity;
    EXPECT_EQ(affinity.find(1, start), std::nullopt);
    affinity.put(1, 10, start);
    affinity.put(1, 20, start);
    affinity.put(2, 30, start);
    EXPECT_EQ(affinity.find(1, start), 20U);
    EXPECT_EQ(affinity.find(2, start), 30U);
    EXPECT_EQ(affinity.size(), 2U);
}

TEST(Affinity, ForgetsAfterAnHourWithoutARequest) {
    Affinity affinity;
    affinity.put(1, 10, start);
    affinity.put(1, 10, start + 50min);
    EXPECT_EQ(affinity.find(1, start + 110min), 10U);
    EXPECT_EQ(affinity.find(1, start + 110min + 1ms), std::nullopt);
    EXPECT_EQ(affinity.size(), 0U);
}

TEST(Affinity, KeepsTheTenThousandUsedLast) {
    Affinity affinity;
    for (std::uint64_t key = 0; key < 12'000; ++key) {
        affinity.put(key, key, start);
        affinity.put(0, 0, start);
    }
    EXPECT_EQ(affinity.size(), 10'000U);
    EXPECT_EQ(affinity.find(0, start), 0U);
    EXPECT_EQ(affinity.find(1, start), std::nullopt);
    EXPECT_EQ(affinity.find(11'999, start), 11'999U);
}

TEST(Affinity, BothNumbersAreOptions) {
    Affinity affinity;
    config::Promotion options;
    options.max_conversations = 2;
    options.conversation_idle = 1s;
    for (std::uint64_t key = 0; key < 5; ++key)
        affinity.put(key, key, start);
    affinity.set_options(options);
    EXPECT_EQ(affinity.size(), 2U);
    EXPECT_EQ(affinity.find(4, start + 1s), 4U);
    EXPECT_EQ(affinity.find(4, start + 1001ms), std::nullopt);
    options.max_conversations = 0;
    affinity.set_options(options);
    affinity.put(7, 7, start);
    EXPECT_EQ(affinity.size(), 0U);
}

TEST(Affinity, BehavesLikeTheObviousModel) {
    Affinity affinity;
    config::Promotion options;
    options.max_conversations = 8;
    affinity.set_options(options);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> model;  // newest last
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t key = random() % 16;
        const auto known = std::find_if(model.begin(), model.end(),
                                        [key](const auto& entry) { return entry.first == key; });
        if (random() % 2 == 0) {
            const auto found = affinity.find(key, start);
            ASSERT_EQ(found.has_value(), known != model.end());
            if (found) ASSERT_EQ(*found, known->second);
            continue;
        }
        if (known != model.end()) model.erase(known);
        if (model.size() == 8) model.erase(model.begin());
        model.emplace_back(key, random());
        affinity.put(key, model.back().second, start);
    }
}

}  // namespace
}  // namespace ccr::route
