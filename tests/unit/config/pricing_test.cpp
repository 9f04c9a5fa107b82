// SPDX-License-Identifier: MIT
#include "common/config/pricing.hpp"

#include <gtest/gtest.h>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::load;
using testing::messages;
using Lines = std::vector<std::string>;

// What the target "p,m" costs for input, or -1.
double input_price(const Loaded& loaded, std::string_view model = "m") {
    EXPECT_TRUE(loaded.ok()) << (messages(loaded).empty() ? "" : messages(loaded).front());
    if (!loaded.ok()) return -2;
    const Price* price = find_price(*loaded.config, loaded.config->providers.front(), model);
    return price == nullptr ? -1 : price->rates.input;
}

Loaded with(std::string_view provider, std::string_view rest = "",
            std::string_view models = "'m','n'") {
    return load("{Providers:[{name:'p',api_base_url:'https://x/v1',models:[" + std::string(models) +
                "]," + std::string(provider) + "}],Router:{default:'p,m'}," + std::string(rest) +
                "}");
}

TEST(Pricing, IsReadWhereverItStands) {
    EXPECT_EQ(input_price(with("", "", "{name:'m',pricing:{input:1,output:9}}")), 1);
    EXPECT_EQ(input_price(with("pricing:{input:2,output:9}")), 2);
    EXPECT_EQ(input_price(with("pricing:{m:{input:3,output:9}}")), 3);
    EXPECT_EQ(input_price(with("model_pricing:{M:{input:4,output:9}}")), 4);
    EXPECT_EQ(input_price(with("", "pricing:{m:{input:5,output:9}}")), 5);
    EXPECT_EQ(input_price(with("", "pricing:{'p,m':{input:6,output:9}}")), 6);
    EXPECT_EQ(input_price(with("", "pricing:{P:{m:{input:7,output:9}}}")), 7);
    EXPECT_EQ(input_price(with("", "pricing:{q:{m:{input:7,output:9}}}")), -1);
    EXPECT_EQ(input_price(with("", "pricing:{n:{input:7,output:9}}")), -1);
    EXPECT_EQ(input_price(with("")), -1);
}

TEST(Pricing, TheMoreSpecificStatementWins) {
    const std::string_view all = "pricing:{m:{input:5,output:9},'p,m':{input:6,output:9}}";
    EXPECT_EQ(input_price(with("", all)), 6);
    EXPECT_EQ(input_price(with("pricing:{input:2,output:9}", all)), 6);
    EXPECT_EQ(input_price(with("pricing:{m:{input:2,output:9}}", all)), 2);
    EXPECT_EQ(input_price(
                  with("model_pricing:{m:{input:3,output:9}},pricing:{m:{input:2,output:9}}", all)),
              3);
    EXPECT_EQ(input_price(with("pricing:{m:{input:2,output:9}}", all,
                               "{name:'m',pricing:{input:1,output:9}}")),
              1);
    EXPECT_EQ(input_price(with("pricing:{input:2,output:9}"), "not listed"), 2);
}

TEST(Pricing, ClassesHaveManyNames) {
    const Loaded loaded = with(
        "pricing:{input_per_million_tokens:1,outputPerMillion:2,cache_read:3,"
        "cacheCreationPerMillionTokens:4,reasoning_usd:5}");
    ASSERT_TRUE(loaded.ok());
    const Price* price = find_price(*loaded.config, loaded.config->providers.front(), "m");
    ASSERT_NE(price, nullptr);
    EXPECT_EQ(price->rates, (Rates{1, 2, 3, 4, 5}));
}

TEST(Pricing, WhatCannotBeReadIsNamedWithItsPlace) {
    const std::string classes =
        "input, output, cacheRead, cacheWrite and reasoning, in USD per million tokens";
    const auto problem = [](std::string_view rest) {
        const Lines lines = messages(with("", "\n" + std::string(rest)));
        return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " problems";
    };
    EXPECT_NE(problem("pricing:{m:{input:'x',output:1}}").find("2:19: error: pricing.m.input"),
              std::string::npos)
        << problem("pricing:{m:{input:'x',output:1}}");
    EXPECT_NE(problem("pricing:{m:{input:1}}").find("output is missing; give " + classes),
              std::string::npos);
    EXPECT_NE(problem("pricing:{m:{input:1,output:-1}}").find("a number from 0 to 1000000"),
              std::string::npos);
    EXPECT_NE(problem("pricing:{m:{input:1,output:NaN}}").find("a number from 0 to 1000000"),
              std::string::npos);
    EXPECT_NE(problem("pricing:{m:{input:1,output:1,lunch:2}}").find("unknown; use " + classes),
              std::string::npos);
    EXPECT_NE(problem("pricing:{m:5}").find("expected an object with " + classes + ", found"),
              std::string::npos);
}

TEST(Pricing, RetentionOfTheHistory) {
    EXPECT_EQ(load("{}").config->usage_retention_days, 400U);
    EXPECT_EQ(load("{Usage:{retentionDays:7}}").config->usage_retention_days, 7U);
    EXPECT_FALSE(load("{Usage:{retentionDays:0}}").ok());
}

TEST(Price, StepsApplyAboveTheirSize) {
    const Price price{{1, 1, {}, {}, {}}, {{10, {2, 2, {}, {}, {}}}, {20, {3, 3, {}, {}, {}}}}};
    EXPECT_EQ(price.at(0).input, 1);
    EXPECT_EQ(price.at(10).input, 1);
    EXPECT_EQ(price.at(11).input, 2);
    EXPECT_EQ(price.at(21).input, 3);
}

}  // namespace
}  // namespace ccr::config
