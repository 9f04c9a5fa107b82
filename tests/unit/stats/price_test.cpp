// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "daemon/stats/price_list.hpp"

namespace ccr::stats {
namespace {

PriceList shipped() {
    std::ifstream file(CCR_SOURCE_DIR "/data/prices.json");
    std::stringstream text;
    text << file.rdbuf();
    auto list = PriceList::parse(text.str());
    EXPECT_TRUE(list) << (list ? "" : list.error().chain());
    return list ? std::move(*list) : PriceList();
}

chat::Usage used(std::int64_t input, std::int64_t output) {
    chat::Usage usage;
    usage.input_tokens = input;
    usage.output_tokens = output;
    return usage;
}

TEST(PriceList, TheShippedOneIsDatedAndKnowsTheVendors) {
    const PriceList list = shipped();
    EXPECT_EQ(list.date().size(), 10U);
    const auto* sonnet = list.find("a", "api.anthropic.com", "claude-sonnet-4-5-20250929");
    ASSERT_NE(sonnet, nullptr);
    EXPECT_EQ(sonnet->rates.input, 3);
    EXPECT_EQ(sonnet->rates.cache_write, 3.75);
    EXPECT_NE(list.find("OpenAI", "gateway.local", "gpt-5-2025-08-07"), nullptr);
    EXPECT_NE(list.find("deepseek", "", "DeepSeek-Chat"), nullptr);
    EXPECT_NE(list.find("x", "api.z.ai", "glm-4.6"), nullptr);
    EXPECT_NE(list.find("x", "generativelanguage.googleapis.com", "gemini-2.5-pro"), nullptr);
}

TEST(PriceList, WhatIsResoldOrNotListedHasNoPrice) {
    const PriceList list = shipped();
    EXPECT_EQ(list.find("mine", "localhost", "claude-sonnet-4-5"), nullptr);
    EXPECT_EQ(list.find("anthropic", "api.anthropic.com", "claude-99"), nullptr);
    EXPECT_EQ(list.find("anthropic", "api.anthropic.com", "gpt-5"), nullptr);
    EXPECT_EQ(list.find("anthropic", "api.anthropic.com", ""), nullptr);
}

TEST(PriceList, WhatIsNoListIsRefused) {
    for (
        const std::string text :
        {"", "{}", "[]", R"({"date":"2025-01-01"})",
         R"({"date":"2025-01-01","vendors":[{"models":{"m":{"input":1}}}]})",
         R"({"date":"2025-01-01","vendors":[{"models":{"m":{"input":-1,"output":1}}}]})",
         R"({"date":"d","vendors":[{"models":{"m":{"input":1,"output":1,"steps":[{"over":5}]}}}]})"}) {
        EXPECT_FALSE(PriceList::parse(text)) << text;
    }
}

TEST(PriceList, TheFirstListGoesBeforeAnother) {
    auto own = PriceList::parse(
        R"({"date":"2026-01-01","vendors":[{"names":["openai"],"hosts":[],"models":)"
        R"({"gpt-5":{"input":9,"output":9}}}]})");
    ASSERT_TRUE(own);
    own->add(shipped());
    EXPECT_EQ(own->find("openai", "", "gpt-5")->rates.input, 9);
    EXPECT_NE(own->find("openai", "", "gpt-4o"), nullptr);
}

TEST(Cost, EveryClassOfTokensHasItsPrice) {
    const Price price{{1, 10, 0.1, 2, 20}, {}};
    chat::Usage usage = used(1'000'000, 1'000'000);
    usage.cache_read_tokens = 1'000'000;
    usage.cache_creation_tokens = 1'000'000;
    usage.thinking_tokens = 400'000;
    const Cost cost = cost_of(usage, &price, true);
    EXPECT_EQ(cost.nano_usd, 17'100'000'000U);  // 1 + 0.1 + 2 + 6 + 8
    EXPECT_TRUE(cost.known);
    EXPECT_TRUE(cost.estimated);
}

TEST(Cost, WithoutPricesOfTheirOwnCachesCostAsInputAndThoughtsAsOutput) {
    const Price price{{1, 10, {}, {}, {}}, {}};
    chat::Usage usage = used(0, 100'000);
    usage.cache_read_tokens = 500'000;
    usage.cache_creation_tokens = 500'000;
    usage.thinking_tokens = 50'000;
    EXPECT_EQ(cost_of(usage, &price, true).nano_usd, 2'000'000'000U);
}

TEST(Cost, LongPromptsCostMore) {
    const Price price{{1, 10, {}, {}, {}}, {{200'000, {2, 20, {}, {}, {}}}}};
    EXPECT_EQ(cost_of(used(200'000, 0), &price, true).nano_usd, 200'000'000U);
    EXPECT_EQ(cost_of(used(200'001, 0), &price, true).nano_usd, 400'002'000U);
}

TEST(Cost, WhatTheProviderSaysWinsAlsoIfItIsNothing) {
    const Price price{{1, 10, {}, {}, {}}, {}};
    chat::Usage usage = used(1000, 1000);
    usage.cost_usd = 0.0125;
    EXPECT_EQ(cost_of(usage, &price, true).nano_usd, 12'500'000U);
    EXPECT_FALSE(cost_of(usage, &price, true).estimated);
    usage.cost_usd = 0;
    const Cost free = cost_of(usage, nullptr, true);
    EXPECT_TRUE(free.known);
    EXPECT_EQ(free.nano_usd, 0U);
    usage.cost_usd = -1;  // nonsense: as if it had said nothing
    EXPECT_FALSE(cost_of(usage, nullptr, true).known);
    usage.cost_usd = 1e300;
    EXPECT_LE(cost_of(usage, nullptr, true).nano_usd, 1'000'000'000'000'000U);
}

TEST(Cost, UnknownIsNotNothing) {
    EXPECT_FALSE(cost_of(used(1, 0), nullptr, true).known);
    EXPECT_FALSE(cost_of(used(1, 0), nullptr, false).known);  // broken off, but counted
    EXPECT_FALSE(cost_of({}, nullptr, true).known);
    EXPECT_TRUE(cost_of({}, nullptr, false).known);  // refused
}

}  // namespace
}  // namespace ccr::stats
