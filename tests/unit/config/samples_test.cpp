// SPDX-License-Identifier: MIT
// Files as users of other routers have them.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::load;
using testing::sample;
using Lines = std::vector<std::string>;

const testing::Variables keys{{"ROUTER_KEY", "r"}, {"ANTHROPIC_KEY", "a"}, {"GROQ_KEY", "g"},
                              {"ZAI_KEY", "z"},    {"MINIMAX_KEY", "m"},   {"GEMINI_KEY", "e"}};

void expect_no_errors(const Loaded& loaded) {
    for (const Problem& problem : loaded.problems) {
        EXPECT_EQ(problem.severity, Severity::warning) << format(problem);
    }
    EXPECT_TRUE(loaded.ok());
}

TEST(Samples, FirstMajorVersionOfTheNodeRouter) {
    const Loaded loaded = load(sample("node-v1.json"));
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    ASSERT_EQ(config.providers.size(), 5U);
    EXPECT_TRUE(config.server.api_key.matches("router-key"));
    EXPECT_EQ(config.log_level, log::Level::debug);
    EXPECT_EQ(config.router.default_target.text(), "deepseek,deepseek-chat");
    EXPECT_EQ(config.router.long_context.text(), "openrouter,google/gemini-2.5-pro-preview");
    EXPECT_TRUE(config.router.web_search.empty());
    EXPECT_TRUE(config.find_provider("modelscope")->keys.empty());
    EXPECT_EQ(config.find_provider("modelscope")->output_limit("any"), 65536U);
    EXPECT_EQ(config.find_provider("ollama")->endpoint.port, 11434);
    for (const Provider& provider : config.providers) {
        EXPECT_EQ(provider.dialect, Dialect::openai_chat);
        EXPECT_TRUE(provider.endpoint.target.ends_with("/chat/completions"));
    }
}

TEST(Samples, SecondMajorVersionOfTheNodeRouter) {
    const Loaded loaded = load(sample("node-v2.json"), keys);
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    EXPECT_EQ(config.server.port, 3456);
    EXPECT_TRUE(config.server.api_key.matches("r"));
    EXPECT_EQ(config.log_level, log::Level::warn);
    EXPECT_EQ(config.find_provider("anthropic")->dialect, Dialect::anthropic);
    EXPECT_TRUE(config.find_provider("anthropic")->keys.at(0).matches("a"));
    EXPECT_EQ(config.find_provider("groq")->output_limit("x"), 16384U);
    Lines kept;
    for (const ExtraKey& extra : config.extra)
        kept.push_back(extra.json_path);
    EXPECT_EQ(kept, (Lines{"NON_INTERACTIVE_MODE", "plugins", "StatusLine"}));
    EXPECT_EQ(config.router.image.text(), "anthropic,claude-haiku-4-5");
    ASSERT_EQ(config.fallback.size(), 1U);
    EXPECT_EQ(config.fallback[0].first, "default");
    EXPECT_EQ(config.fallback[0].second.at(0).text(), "groq,moonshotai/kimi-k2-instruct");
}

TEST(Samples, RustRouter) {
    const Loaded loaded = load(sample("ccr-rust.json"), keys);
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    const auto endpoint = [&config](std::string_view name) {
        const Provider* provider = config.find_provider(name);
        return provider->endpoint.origin() + provider->endpoint.target;
    };
    EXPECT_EQ(endpoint("zai"), "https://api.z.ai/api/coding/paas/v4/chat/completions");
    EXPECT_EQ(endpoint("minimax"), "https://api.minimax.io/anthropic/v1/messages");
    EXPECT_EQ(config.find_provider("zai")->headers.at(0).first, "X-Title");
    EXPECT_EQ(config.find_provider("minimax")->dialect, Dialect::anthropic);
}

TEST(Samples, EveryPrefixGivesAConfigOrAProblem) {
    const std::string text = sample("node-v2.json");
    for (std::size_t length = 0; length < text.size(); ++length) {
        const Loaded loaded = load(std::string_view(text).substr(0, length), keys);
        EXPECT_TRUE(loaded.ok() || !loaded.problems.empty()) << length;
    }
}

void damage(std::string& text, std::mt19937& random) {
    constexpr char alphabet[] = "{}[]:,'\"\\/*$\n\r\0\xFF\xC3u0x1eE+-.";
    const std::size_t at = random() % text.size();
    const char c = alphabet[random() % (sizeof alphabet - 1)];
    const auto kind = random() % 3;
    if (kind == 0) text[at] = c;
    if (kind == 1) text.insert(at, 1, c);
    if (kind == 2) text.erase(at, random() % 40);
}

// Neither crashes nor hangs; run under the sanitizers as well.
TEST(Samples, RandomDamageGivesAConfigOrAProblem) {
    std::mt19937 random(20240607);
    for (const std::string name : {"node-v1.json", "node-v2.json", "ccr-rust.json"}) {
        const std::string text = sample(name);
        ASSERT_GT(text.size(), 1000U);
        for (int round = 0; round < 700; ++round) {
            std::string damaged = text;
            for (std::size_t edits = 1 + random() % 4; edits > 0; --edits)
                damage(damaged, random);
            const Loaded loaded = load(damaged, keys);
            EXPECT_TRUE(loaded.ok() || !loaded.problems.empty()) << damaged;
        }
    }
}

}  // namespace
}  // namespace ccr::config
