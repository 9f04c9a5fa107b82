// SPDX-License-Identifier: MIT
#include "common/config/dispatch.hpp"

#include <gtest/gtest.h>

#include "common/config/load.hpp"
#include "tests/unit/config/effects.hpp"

namespace ccr::config {
namespace {

std::string with(const std::string& more, const std::string& provider = "") {
    return R"({Providers: [{name: "p", api_base_url: "https://p.example/v1", models: ["m"], )" +
           provider + "}], " + more + "}";
}

std::shared_ptr<const Config> load(const std::string& text) {
    const auto loaded = load_text(text, "test.json");
    EXPECT_TRUE(loaded.ok()) << (loaded.problems.empty() ? "" : format(loaded.problems.front()));
    return loaded.ok() ? loaded.config : std::make_shared<Config>();
}

}  // namespace

const std::vector<Effect>& dispatch_effects() {
    static const std::vector<Effect> effects{
        {"Retry", "Retry:{maxRetries:1}",
         [](const Config& c) { return c.dispatch.retry.max_retries == 1; }},
        {"Retry.maxRetries", "Retry:{maxRetries:1}",
         [](const Config& c) { return c.dispatch.retry.max_retries == 1; }},
        {"Retry.baseDelayMs", "Retry:{baseDelayMs:2}",
         [](const Config& c) { return c.dispatch.retry.base_delay == 2ms; }},
        {"Retry.maxDelayMs", "Retry:{maxDelayMs:3}",
         [](const Config& c) { return c.dispatch.retry.max_delay == 3ms; }},
        {"Retry.fallbackOn", "Retry:{fallbackOn:[422,'policy']}",
         [](const Config& c) {
             return c.dispatch.retry.fallback_on == std::vector<std::string>{"422", "policy"};
         }},
        {"Retry.fallbackOn[]", "Retry:{fallbackOn:['422','policy']}",
         [](const Config& c) {
             return c.dispatch.retry.fallback_on == std::vector<std::string>{"422", "policy"};
         }},
        {"RateLimit", "RateLimit:{onRateLimit:'return'}",
         [](const Config& c) { return c.dispatch.rate_limit.policy == OnRateLimit::give_back; }},
        {"RateLimit.onRateLimit", "RateLimit:{onRateLimit:'return'}",
         [](const Config& c) { return c.dispatch.rate_limit.policy == OnRateLimit::give_back; }},
        {"RateLimit.maxWaitMs", "RateLimit:{maxWaitMs:4}",
         [](const Config& c) { return c.dispatch.rate_limit.max_wait == 4ms; }},
        {"RateLimit.honorRateLimitHeaders", "RateLimit:{honorRateLimitHeaders:false}",
         [](const Config& c) { return c.dispatch.rate_limit.honor_headers == false; }},
        {"RateLimit.baseDelayMs", "RateLimit:{baseDelayMs:5}",
         [](const Config& c) { return c.dispatch.rate_limit.base_delay == 5ms; }},
        {"RateLimit.maxDelayMs", "RateLimit:{maxDelayMs:6}",
         [](const Config& c) { return c.dispatch.rate_limit.max_delay == 6ms; }},
        {"RateLimit.quotaDelayMs", "RateLimit:{quotaDelayMs:7}",
         [](const Config& c) { return c.dispatch.rate_limit.quota_delay == 7ms; }},
        {"RateLimit.misconfiguredDelayMs", "RateLimit:{misconfiguredDelayMs:8}",
         [](const Config& c) { return c.dispatch.rate_limit.misconfigured_delay == 8ms; }},
        {"RateLimit.missingModelDelayMs", "RateLimit:{missingModelDelayMs:9}",
         [](const Config& c) { return c.dispatch.rate_limit.missing_delay == 9ms; }},
        {"Breaker", "Breaker:{failures:10}",
         [](const Config& c) { return c.dispatch.breaker.failures == 10; }},
        {"Breaker.failures", "Breaker:{failures:10}",
         [](const Config& c) { return c.dispatch.breaker.failures == 10; }},
        {"Breaker.window", "Breaker:{window:11}",
         [](const Config& c) { return c.dispatch.breaker.window == 11; }},
        {"Breaker.windowMs", "Breaker:{windowMs:12}",
         [](const Config& c) { return c.dispatch.breaker.window_time == 12ms; }},
        {"Breaker.ratio", "Breaker:{ratio:0.13}",
         [](const Config& c) { return c.dispatch.breaker.ratio == 0.13; }},
        {"Breaker.openMs", "Breaker:{openMs:14}",
         [](const Config& c) { return c.dispatch.breaker.open == 14ms; }},
        {"Breaker.maxOpenMs", "Breaker:{maxOpenMs:15}",
         [](const Config& c) { return c.dispatch.breaker.max_open == 15ms; }},
        {"Promotion", "Promotion:{alpha:0.16}",
         [](const Config& c) { return c.dispatch.promotion.alpha == 0.16; }},
        {"Promotion.alpha", "Promotion:{alpha:0.16}",
         [](const Config& c) { return c.dispatch.promotion.alpha == 0.16; }},
        {"Promotion.minSamples", "Promotion:{minSamples:17}",
         [](const Config& c) { return c.dispatch.promotion.min_samples == 17; }},
        {"Promotion.halfLifeMs", "Promotion:{halfLifeMs:18}",
         [](const Config& c) { return c.dispatch.promotion.half_life == 18ms; }},
        {"Promotion.ratio", "Promotion:{ratio:0.19}",
         [](const Config& c) { return c.dispatch.promotion.ratio == 0.19; }},
        {"Promotion.dwellMs", "Promotion:{dwellMs:20}",
         [](const Config& c) { return c.dispatch.promotion.dwell == 20ms; }},
        {"Promotion.maxConversations", "Promotion:{maxConversations:21}",
         [](const Config& c) { return c.dispatch.promotion.max_conversations == 21; }},
        {"Promotion.conversationIdleMs", "Promotion:{conversationIdleMs:22}",
         [](const Config& c) { return c.dispatch.promotion.conversation_idle == 22ms; }},
        {"Queue", "Queue:{limit:23}", [](const Config& c) { return c.dispatch.queue.limit == 23; }},
        {"Queue.limit", "Queue:{limit:23}",
         [](const Config& c) { return c.dispatch.queue.limit == 23; }},
        {"Queue.timeoutMs", "Queue:{timeoutMs:24}",
         [](const Config& c) { return c.dispatch.queue.timeout == 24ms; }},
        {"Dedup", "Dedup:{enabled:false}",
         [](const Config& c) { return !c.dispatch.dedup.enabled; }},
        {"Dedup.enabled", "Dedup:{enabled:false}",
         [](const Config& c) { return !c.dispatch.dedup.enabled; }},
    };
    return effects;
}

namespace {

TEST(DispatchConfig, HasTheDocumentedDefaults) {
    const auto config = load(with(""));
    EXPECT_EQ(config->dispatch.retry.max_retries, 3U);
    EXPECT_EQ(config->dispatch.breaker.failures, 5U);
    EXPECT_EQ(config->dispatch.rate_limit.policy, OnRateLimit::cascade);
    EXPECT_EQ(config->dispatch.promotion.mode, PromotionMode::fallbacks);
    EXPECT_EQ(config->providers.at(0).max_concurrent, 0U);
}

TEST(DispatchConfig, ProvidersHaveValuesOfTheirOwn) {
    const auto config = load(with("RateLimit: {maxWaitMs: 7, baseDelayMs: 8}",
                                  R"(onRateLimit: "return", honor_ratelimit_headers: false,
                                     maxConcurrent: 3)"));
    const Provider& provider = config->providers.at(0);
    EXPECT_EQ(provider.rate_limit.policy, OnRateLimit::give_back);
    EXPECT_EQ(provider.rate_limit.max_wait, 7ms);
    EXPECT_EQ(provider.rate_limit.base_delay, 8ms);
    EXPECT_FALSE(provider.rate_limit.honor_headers);
    EXPECT_EQ(provider.max_concurrent, 3U);
    EXPECT_EQ(config->dispatch.rate_limit.policy, OnRateLimit::cascade);
}

TEST(DispatchConfig, StrictTierOrderSwitchesPromotionOff) {
    EXPECT_EQ(load(with("Router: {strictTierOrder: true}"))->dispatch.promotion.mode,
              PromotionMode::off);
}

TEST(DispatchConfig, RefusesWordsItDoesNotKnow) {
    for (const char* text :
         {R"(Router: {promotion: "allways"})", R"(RateLimit: {onRateLimit: "no"})",
          "Retry: {fallbackOn: [500]}", R"(Retry: {fallbackOn: ["reject"]})", "Breaker: {ratio: 2}",
          "Queue: {limit: -1}"}) {
        EXPECT_FALSE(load_text(with(text), "test.json").ok()) << text;
    }
}

}  // namespace
}  // namespace ccr::config
