// SPDX-License-Identifier: MIT
// Files as users of other routers have them.
#include <gtest/gtest.h>

#include <random>

#include "common/config/migrate.hpp"
#include "common/config/preset.hpp"
#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::load;
using testing::sample;
using Lines = std::vector<std::string>;

const testing::Variables keys{{"ROUTER_KEY", "r"}, {"ANTHROPIC_KEY", "a"}, {"GROQ_KEY", "g"},
                              {"ZAI_KEY", "z"},    {"MINIMAX_KEY", "m"},   {"GEMINI_KEY", "e"},
                              {"CLIENT_KEY", "c"}, {"DS_KEY", "d"},        {"MM_KEY", "n"},
                              {"OR_KEY", "o"},     {"GM_KEY", "q"},        {"KM_KEY", "k"}};

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
    EXPECT_EQ(kept, (Lines{"plugins"}));
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

// As the Node router's own example has it, a provider that cannot be spoken to among others.
TEST(Samples, ExampleOfTheNodeRouter) {
    const Loaded loaded = load(sample("node-example.json"));
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    EXPECT_EQ(config.server.host, "0.0.0.0");
    EXPECT_EQ(config.router.think.text(), "deepseek,deepseek-reasoner");
    EXPECT_EQ(config.router.background.text(), "ollama,qwen2.5-coder:latest");
    EXPECT_EQ(config.router.web_search.text(), "gemini,gemini-2.5-flash");
    EXPECT_EQ(config.router.long_context_threshold, 60'000U);
    EXPECT_EQ(config.find_provider("gemini")->unsupported, "");
    EXPECT_EQ(config.find_provider("gemini")->request_target("gemini-2.5-pro", true),
              "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    EXPECT_TRUE(config.find_provider("openrouter")->unsupported.empty());
    const auto& transformers = config.find_provider("modelscope")->transformers;
    ASSERT_EQ(transformers.size(), 3U);
    EXPECT_EQ(transformers[1].name, "enhancetool");
    EXPECT_EQ(transformers[2].model, "Qwen/Qwen3-235B-A22B-Thinking-2507");
    EXPECT_EQ(json5::to_json(config.find_provider("openrouter")->transformers[1].options),
              R"({"provider":{"only":["moonshotai/fp8"]}})");
}

TEST(Samples, WrittenByTheNodeRoutersInterface) {
    const Loaded loaded = load(sample("node-v2-ui.json"));
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    EXPECT_TRUE(config.find_provider("glm")->bearer_only);
    EXPECT_EQ(config.find_provider("openai")->dialect, Dialect::openai_responses);
    EXPECT_TRUE(config.router.image.empty());
    EXPECT_EQ(config.custom_router.kind, CustomRouter::Kind::none);
    ASSERT_EQ(config.fallback.size(), 3U);
    EXPECT_EQ(config.fallback[0].second.at(0).text(), "openai,gpt-5.2");
}

TEST(Samples, ReadmeOfTheRustRouter) {
    const Loaded loaded = load(sample("ccr-rust-readme.json"));
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    EXPECT_EQ(config.router.think.text(), "deepseek,deepseek-reasoner");
    EXPECT_EQ(config.router.web_search.text(), "zai,glm-4.7");
    ASSERT_EQ(config.router.tier_retries.size(), 2U);
    // There the first tier is tier-0, here it is tier-1.
    EXPECT_EQ(config.router.tier_retries[0].first, "tier-1");
    EXPECT_EQ(config.router.tier_retries[1].first, "tier-2");
    const Retry& retry = config.router.tier_retries[0].second;
    EXPECT_EQ(retry.max_retries, 5U);
    EXPECT_EQ(retry.base_delay, 50ms);
    EXPECT_EQ(retry.growth, 1.5);
    EXPECT_EQ(retry.max_delay, 10s);
    ASSERT_EQ(config.presets.size(), 2U);
    EXPECT_EQ(config.presets[0].max_tokens, 2048U);
    EXPECT_EQ(config.presets[1].temperature, 0.2);
}

TEST(Samples, EveryKeyOfTheRustRouter) {
    const Loaded loaded = load(sample("ccr-rust-full.json"), keys);
    expect_no_errors(loaded);
    ASSERT_TRUE(loaded.ok());
    const Config& config = *loaded.config;
    const auto spoken = [&config](std::string_view name) {
        const Provider* provider = config.find_provider(name);
        return std::string(dialect_name(provider->dialect)) + " " + provider->endpoint.target;
    };
    EXPECT_TRUE(config.server.api_key.matches("c"));
    EXPECT_EQ(config.server.body_limit, 32U << 20U);
    EXPECT_EQ(spoken("deepseek"), "openai /v1/chat/completions");
    EXPECT_EQ(spoken("minimax"), "openai /v1/chat/completions");
    EXPECT_EQ(spoken("minimax-anthropic"), "anthropic /anthropic/v1/messages");
    EXPECT_EQ(spoken("openrouter"), "openai /api/v1/chat/completions");
    EXPECT_EQ(spoken("gemini"), "openai /v1beta/openai/chat/completions");
    EXPECT_EQ(spoken("kimi"), "anthropic /coding/v1/messages");
    EXPECT_TRUE(config.find_provider("minimax-anthropic")->bearer_only);
    EXPECT_TRUE(config.find_provider("minimax-anthropic")->allow_streaming);
    EXPECT_EQ(config.find_provider("kimi")->output_limit("kimi-for-coding"), 8192U);
    EXPECT_TRUE(config.router.force_non_streaming);
    EXPECT_EQ(config.router.tiers.size(), 3U);
    EXPECT_EQ(config.router.tier_retries[1].first, "ccr-mm");
}

// The forms that people have in their files, one by one.
TEST(Samples, SnippetsLoadWithoutAnError) {
    const std::string provider = "name:'p',api_base_url:'https://x/v1',api_key:'k',models:['m']";
    for (const std::string& members : {
             std::string(""),
             std::string("transformer:{use:[['Anthropic',{UseBearer:true}]]}"),
             std::string("transformer:{use:[['sampling',{temperature:0.9}],['maxtoken',"
                         "{max_tokens:300}]],m:{use:[['sampling',{temperature:0.2}],"
                         "['customparams',{tag:{a:1}}]]}}"),
             std::string("transformer:{use:['cleancache','streamoptions','maxcompletiontokens']}"),
             std::string(
                 "transformer:{use:['forcereasoning','cerebras','vercel','extrathinktag']}"),
             std::string("transformer:{use:['vertex-openai']}"),
             std::string("tokenizer:{default:{type:'tiktoken'},models:{}}"),
         }) {
        expect_no_errors(
            load("{Providers:[{" + provider + "," + members + "}],Router:{default:'p,m'}}"));
    }
    const std::string head = "{Providers:[{" + provider + "}],";
    for (const std::string& rest : {
             std::string("Router:{}"),
             std::string("Router:{default:'p, m',background:'p,m,n',longContextThreshold:'60000'}"),
             std::string("Router:{default:'$ROUTE',think:'${ROUTE}',image:'${NONE:-p,m}'}"),
             std::string("Router:{default:'p,m'},PORT:'3456',LOG:false,LOG_LEVEL:'trace'"),
             std::string("Router:{default:'p,m'},HTTPS_PROXY:'http://127.0.0.1:1'"),
             std::string("Router:{default:'p,m'},GOOGLE_CLOUD_PROJECT:'x',MY_KEY:'$UNSET'"),
             std::string("Router:{default:'p,m'},fallback:{default:['p,m'],webSearch:['p,m']}"),
             std::string("Router:{default:'p,m'},Plugins:[]"),
         }) {
        expect_no_errors(load(head + rest + "}", {{"ROUTE", "p,m"}}));
    }
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
    for (const std::string name : {"node-v1.json", "node-v2.json", "ccr-rust-full.json"}) {
        const std::string text = sample(name);
        ASSERT_GT(text.size(), 1000U);
        for (int round = 0; round < 700; ++round) {
            std::string damaged = text;
            for (std::size_t edits = 1 + random() % 4; edits > 0; --edits)
                damage(damaged, random);
            const Loaded loaded = load(damaged, keys);
            EXPECT_TRUE(loaded.ok() || !loaded.problems.empty()) << damaged;
            if (round % 10 != 0) continue;
            const Migration migration = migrate(damaged, "c.json");
            EXPECT_NE(migration.text.empty(), migration.problems.empty()) << damaged;
        }
    }
}

TEST(Samples, RandomDamageToAManifestGivesAPresetOrAProblem) {
    const std::string text = sample("preset.json");
    const auto main = load("{Providers:[{name:'p',api_base_url:'https://x'}]}").config;
    ASSERT_TRUE(load_manifest(text, "m.json", *main).preset.config);
    std::mt19937 random(7);
    for (int round = 0; round < 1500; ++round) {
        std::string damaged = text;
        for (std::size_t edits = 1 + random() % 4; edits > 0; --edits)
            damage(damaged, random);
        const LoadedPreset loaded = load_manifest(damaged, "m.json", *main);
        EXPECT_TRUE(loaded.preset.config || !loaded.problems.empty()) << damaged;
    }
}

}  // namespace
}  // namespace ccr::config
