// SPDX-License-Identifier: MIT
// Thinking and the scalar parameters of Chat Completions requests.
#include <gtest/gtest.h>

#include "tests/testing/conversation.hpp"

namespace ccr::dialect {
namespace {

using testing::client_body;
using testing::member;
using testing::RequestRun;
using testing::sent_member;
using testing::simple_body;

constexpr std::string_view one_tool = R"("tools":[{"name":"A","input_schema":{}}])";

struct ThinkingRow {
    const char* profile;
    const char* model;
    const char* request;
    const char* expected;  // members of the body, as they are spelt; empty: none of them
};

class ThinkingMatrix : public ::testing::TestWithParam<ThinkingRow> {};

TEST_P(ThinkingMatrix, Case66_FollowsTheTable) {
    const ThinkingRow& row = GetParam();
    RequestRun run(simple_body(row.request));
    const std::string body = run.body(row.profile, row.model);
    json::Document document;
    const auto root = document.parse_view(body);
    ASSERT_TRUE(root) << body;
    std::string found;
    for (const json::Member m : root->members()) {
        constexpr std::string_view keys[] = {
            "thinking",         "reasoning_effort",     "reasoning",
            "enable_thinking",  "thinking_budget",      "reasoning_split",
            "reasoning_format", "chat_template_kwargs", "preserve_thinking"};
        for (const std::string_view key : keys) {
            if (m.key.str() != key) continue;
            found.append(found.empty() ? "" : ",").append(m.key.raw()).append(":");
            found += m.value.raw();
        }
    }
    EXPECT_EQ(found, row.expected) << row.profile << " " << row.model << " " << row.request;
}

constexpr const char* adaptive_high =
    R"("thinking":{"type":"adaptive"},"output_config":{"effort":"high"})";
constexpr const char* adaptive = R"("thinking":{"type":"adaptive"})";
constexpr const char* enabled = R"("thinking":{"type":"enabled","budget_tokens":5000})";
constexpr const char* disabled =
    R"("thinking":{"type":"disabled"},"output_config":{"effort":"high"})";
constexpr const char* max_effort =
    R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})";
constexpr const char* medium = R"("output_config":{"effort":"medium"})";
constexpr const char* nothing = R"("stream":true)";
constexpr const char* high_with_tool =
    R"("output_config":{"effort":"high"},"tools":[{"name":"A","input_schema":{}}])";

const ThinkingRow thinking_rows[] = {
    {"openai", "gpt-4o", adaptive_high, ""},
    {"openai", "gpt-5.2", adaptive_high, R"("reasoning_effort":"high")"},
    {"openai", "gpt-5.2", max_effort, R"("reasoning_effort":"xhigh")"},
    {"openai", "gpt-5.6", max_effort, R"("reasoning_effort":"max")"},
    {"openai", "gpt-5.2", adaptive, ""},
    {"openai", "gpt-5.2", enabled, R"("reasoning_effort":"medium")"},
    {"openai", "gpt-5.2", disabled, R"("reasoning_effort":"none")"},
    {"openai", "gpt-5", disabled, R"("reasoning_effort":"low")"},
    {"openai", "o3", max_effort, R"("reasoning_effort":"high")"},
    {"openai", "gpt-5.6", high_with_tool, R"("reasoning_effort":"none")"},
    {"openai", "gpt-5.2", high_with_tool, R"("reasoning_effort":"high")"},
    {"deepseek", "deepseek-v4", medium, R"("reasoning_effort":"high")"},
    {"deepseek", "deepseek-v4", max_effort, R"("reasoning_effort":"max")"},
    {"deepseek", "deepseek-v4", enabled,
     R"("thinking":{"type":"enabled"},"reasoning_effort":"high")"},
    {"deepseek", "deepseek-v4", disabled, R"("thinking":{"type":"disabled"})"},
    {"deepseek", "deepseek-v4", nothing, ""},
    {"glm", "glm-5", adaptive_high, R"("thinking":{"type":"enabled","clear_thinking":false})"},
    {"glm", "glm-5", disabled, R"("thinking":{"type":"disabled"})"},
    {"glm", "glm-5", nothing, ""},
    {"kimi", "kimi-k2.6", adaptive_high, R"("thinking":{"type":"enabled","keep":"all"})"},
    {"kimi", "kimi-k2.5", adaptive_high, R"("thinking":{"type":"enabled"})"},
    {"kimi", "kimi-k2.7", disabled, ""},
    {"kimi", "kimi-k2.6", disabled, R"("thinking":{"type":"disabled"})"},
    {"kimi", "kimi-k3", adaptive_high, R"("reasoning_effort":"high")"},
    {"kimi", "kimi-k2-thinking", adaptive_high, ""},
    {"qwen", "qwen-plus",
     R"("stream":true,"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":5000})",
     R"("enable_thinking":true,"thinking_budget":5000)"},
    {"qwen", "qwen-plus", enabled, R"("enable_thinking":true,"thinking_budget":99)"},
    {"qwen", "qwen-plus", nothing, ""},
    {"qwen", "qwen-plus", medium, R"("enable_thinking":false)"},
    {"qwen", "qwen3.7-max", adaptive, R"("preserve_thinking":true)"},
    {"qwen", "qwen-plus", disabled, R"("enable_thinking":false)"},
    {"minimax", "MiniMax-M3", adaptive_high,
     R"("thinking":{"type":"adaptive"},"reasoning_split":true)"},
    {"minimax", "MiniMax-M3", disabled, R"("thinking":{"type":"disabled"},"reasoning_split":true)"},
    {"openrouter", "x/y", adaptive_high, R"("reasoning":{"effort":"high"})"},
    {"openrouter", "x/y", max_effort, R"("reasoning":{"effort":"xhigh"})"},
    {"openrouter", "x/y", adaptive, R"("reasoning":{"enabled":true})"},
    {"openrouter", "x/y", R"("max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":5000})",
     R"("reasoning":{"max_tokens":5000})"},
    {"openrouter", "x/y", disabled, R"("reasoning":{"enabled":false})"},
    {"openrouter", "x/y", nothing, ""},
    {"groq", "openai/gpt-oss-120b", adaptive_high, R"("reasoning_effort":"high")"},
    {"groq", "qwen/qwen3-32b", adaptive_high, R"("reasoning_format":"parsed")"},
    {"groq", "qwen/qwen3-32b", disabled, R"("reasoning_effort":"none")"},
    {"groq", "llama-3.3-70b", adaptive_high, ""},
    {"vllm", "any", adaptive_high, ""},
    {"vllm", "any", enabled, R"("chat_template_kwargs":{"enable_thinking":true,"thinking":true})"},
    {"vllm", "any", disabled,
     R"("chat_template_kwargs":{"enable_thinking":false,"thinking":false})"},
    {"ollama", "gpt-oss:20b", adaptive_high, R"("reasoning_effort":"high")"},
    {"ollama", "llama3", adaptive_high, ""},
    {"xai", "grok-3-mini", adaptive_high, R"("reasoning_effort":"high")"},
    {"xai", "grok-4", adaptive_high, ""},
    {"openai-compatible", "any", adaptive_high, ""},
};
INSTANTIATE_TEST_SUITE_P(Conformance, ThinkingMatrix, ::testing::ValuesIn(thinking_rows));

TEST(ChatParameters, ADirectiveAtTheEndSetsTheEffort) {
    RequestRun run(client_body(
        R"([{"role":"user","content":"a"},{"role":"system","content":[],"output_config":{"effort":"low"}}])",
        R"("output_config":{"effort":"high"})"));
    EXPECT_EQ(member(run.body("openai", "gpt-5.2"), "reasoning_effort"), "\"low\"");
}

TEST(ChatParameters, MaxTokensIsClampedAndNamedAsTheProviderWants) {
    EXPECT_EQ(sent_member("max_tokens", ""), "100");
    EXPECT_EQ(sent_member("max_completion_tokens", "", "openai"), "100");
    RequestRun run(simple_body());
    run.max_output_tokens = 64;
    EXPECT_EQ(member(run.body(), "max_tokens"), "64");
    EXPECT_EQ(run.request().warnings, std::vector<std::string>{"max_tokens"});
}

TEST(ChatParameters, StopSequencesOverflowToTheScanner) {
    RequestRun run(simple_body(R"("stop_sequences":["a","b\n","c","d","e"])"));
    auto encoded = run.encode("openai", "gpt-4o");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(member(encoded->body, "stop"), R"(["a","b\n","c","d"])");
    EXPECT_EQ(encoded->emulated_stops, std::vector<std::string>{"e"});
    encoded = run.encode("openai", "gpt-5.2");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(member(encoded->body, "stop"), "");
    EXPECT_EQ(encoded->emulated_stops.size(), 5U);
    EXPECT_EQ(encoded->emulated_stops[1], "b\n");
}

TEST(ChatParameters, SamplingWhereItIsTaken) {
    constexpr const char* hot = R"("temperature":0.70,"top_p":0.9,"top_k":5)";
    EXPECT_EQ(sent_member("temperature", hot, "openai", "gpt-4o"), "0.70");
    EXPECT_EQ(sent_member("temperature", hot, "openai", "gpt-5.2"), "");
    EXPECT_EQ(sent_member("top_p", hot, "kimi", "kimi-k2.6"), "");
    EXPECT_EQ(sent_member("top_k", hot, "openai", "gpt-4o"), "");
    EXPECT_EQ(sent_member("top_k", hot, "vllm"), "5");
}

TEST(Conformance, Case67_StructuredOutput) {
    constexpr const char* format =
        R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object",
           "properties":{"t":{"type":"string"}},"required":["t"],"additionalProperties":false}}})";
    EXPECT_EQ(sent_member("response_format", format, "openai"),
              R"({"type":"json_schema","json_schema":{"name":"out","schema":{"type":"object",)"
              R"("properties":{"t":{"type":"string"}},"required":["t"],)"
              R"("additionalProperties":false},"strict":true}})");
    EXPECT_EQ(sent_member("response_format", format, "deepseek"), R"({"type":"json_object"})");
    EXPECT_NE(sent_member("messages", format, "deepseek").find("conforms to this JSON Schema"),
              std::string::npos);
    EXPECT_EQ(sent_member("messages", format, "minimax"),
              "error: capability_rejected: structured_outputs_unsupported");
}

TEST(ChatParameters, UserIdsAreHashedAndSessionsStable) {
    const auto user = [](std::string_view session) {
        return R"("metadata":{"user_id":"{\"device_id\":\"dddd\",\"session_id\":\")" +
               std::string(session) + R"(\"}"})";
    };
    RequestRun run(simple_body(user("s-1")));
    const std::string body = run.body("openai");
    EXPECT_EQ(body.find("dddd"), std::string::npos);
    EXPECT_EQ(body.find("s-1"), std::string::npos);
    EXPECT_EQ(member(body, "safety_identifier").size(), 66U);
    EXPECT_EQ(member(body, "prompt_cache_key").size(), 34U);
    EXPECT_EQ(sent_member("prompt_cache_key", user("s-1"), "openai"),
              member(body, "prompt_cache_key"));
    EXPECT_NE(sent_member("prompt_cache_key", user("s-2"), "openai"),
              member(body, "prompt_cache_key"));
    EXPECT_EQ(sent_member("metadata", user("s-1"), "openai"), "");
    EXPECT_EQ(sent_member("user", user("s-1"), "deepseek"), "");
    EXPECT_EQ(sent_member("user", user("s-1"), "openrouter").size(), 66U);
    // The billing header differs from conversation to conversation; the key must not.
    const auto billed = [](std::string_view hash) {
        return R"("system":[{"type":"text","text":"x-anthropic-billing-header: cch=)" +
               std::string(hash) + R"(;"},{"type":"text","text":"you are"}])";
    };
    EXPECT_EQ(sent_member("prompt_cache_key", billed("a"), "openai"),
              sent_member("prompt_cache_key", billed("b"), "openai"));
}

TEST(ChatParameters, StreamAsksForUsageWhereThatIsKnown) {
    EXPECT_EQ(sent_member("stream_options", R"("stream":true)"), R"({"include_usage":true})");
    EXPECT_EQ(sent_member("stream_options", R"("stream":false)"), "");
    EXPECT_EQ(sent_member("stream_options", R"("stream":true)", "mistral"), "");
    EXPECT_EQ(sent_member("stream", R"("stream":true)"), "true");
    EXPECT_EQ(sent_member("tool_stream", std::string(one_tool) + R"(,"stream":true)", "glm"),
              "true");
}

TEST(ChatParameters, ServiceTier) {
    EXPECT_EQ(sent_member("service_tier", R"("service_tier":"standard_only")", "openai"),
              "\"default\"");
    EXPECT_EQ(sent_member("service_tier", R"("service_tier":"auto")", "openai"), "\"auto\"");
    EXPECT_EQ(sent_member("service_tier", R"("service_tier":"auto")", "deepseek"), "");
}

}  // namespace
}  // namespace ccr::dialect
