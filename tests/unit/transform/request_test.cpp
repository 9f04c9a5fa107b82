// SPDX-License-Identifier: MIT
// What each transformer changes about a request: written in Chat Completions, and spliced into the
// client's own bytes.
#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "tests/testing/conversation.hpp"
#include "tests/testing/transform_run.hpp"

namespace ccr::transform {
namespace {

using testing::client_body;
using testing::compact;
using testing::member;
using testing::simple_body;
using testing::TransformRun;

std::string use(const std::string& list) {
    return "{use: [" + list + "]}";
}

struct Row {
    const char* transformers;
    const char* request;  // members of the client's body
    const char* key;
    const char* sent;  // in Chat Completions
    const char* spliced;
};

class Requests : public ::testing::TestWithParam<Row> {};

TEST_P(Requests, FollowTheTable) {
    const Row& row = GetParam();
    TransformRun run(use(row.transformers));
    ASSERT_EQ(run.problem(), "");
    const std::string client = simple_body(row.request);
    EXPECT_EQ(compact(member(run.chat(client), row.key)), row.sent) << row.transformers;
    const std::string spliced = run.spliced(client);
    ASSERT_TRUE(json::Document().parse_view(spliced)) << spliced;
    EXPECT_EQ(compact(member(spliced, row.key)), row.spliced) << row.transformers;
}

constexpr const char* sampled = R"("temperature":1,"top_p":0.5,"top_k":3)";
constexpr const char* thinks = R"("thinking":{"type":"enabled","budget_tokens":50})";
constexpr const char* adaptive = R"("thinking":{"type":"adaptive"})";

const Row rows[] = {
    // maxtoken, sampling: caps and values
    {R"(["maxtoken", {max_tokens: 70}])", "", "max_tokens", "70", "70"},
    {R"(["maxtoken", {max_tokens: 700}])", "", "max_tokens", "100", "100"},
    {R"(["sampling", {max_tokens: 60}])", "", "max_tokens", "60", "60"},
    {R"(["sampling", {max_tokens: 600}])", "", "max_tokens", "100", "100"},
    {R"(["sampling", {max_tokens: 60}], ["sampling", {max_tokens: 40}])", "", "max_tokens", "40",
     "40"},
    {R"(["sampling", {temperature: 0.25}])", sampled, "temperature", "0.25", "0.25"},
    {R"(["sampling", {temperature: "0.5"}])", "", "temperature", "0.5", "0.5"},
    {R"(["sampling", {temperature: .5}])", "", "temperature", "0.5", "0.5"},
    {R"(["sampling", {top_p: 0.9}])", sampled, "top_p", "0.9", "0.9"},
    {R"(["sampling", {top_p: 0.9}])", sampled, "temperature", "1", "1"},
    {R"(["sampling", {top_k: 40}])", sampled, "top_k", "40", "40"},
    {R"(["sampling", {repetition_penalty: 1.1}])", "", "repetition_penalty", "1.1", "1.1"},
    // maxcompletiontokens
    {R"("maxcompletiontokens")", "", "max_completion_tokens", "100", ""},
    {R"("maxcompletiontokens")", "", "max_tokens", "", "100"},
    {R"("maxcompletiontokens", ["sampling", {max_tokens: 9}])", "", "max_completion_tokens", "9",
     ""},
    // deepseek: cap, unless the config names another
    {R"("deepseek")", R"("max_tokens":64000)", "max_tokens", "8192", "8192"},
    {R"("deepseek", ["maxtoken", {max_tokens: 20000}])", R"("max_tokens":64000)", "max_tokens",
     "20000", "20000"},
    {R"("deepseek", ["sampling", {max_tokens: 20000}])", R"("max_tokens":64000)", "max_tokens",
     "20000", "20000"},
    // customparams: what is missing, deeply
    {R"(["customparams", {a: {b: [1, 'x']}, n: null}])", "", "a", R"({"b":[1,"x"]})",
     R"({"b":[1,"x"]})"},
    {R"(["customparams", {n: null}])", "", "n", "null", "null"},
    {R"(["customparams", {temperature: 0.1}])", sampled, "temperature", "1", "1"},
    {R"(["customparams", {temperature: 0.1}])", "", "temperature", "0.1", "0.1"},
    {R"(["customparams", {thinking: {budget_tokens: 9, x: {y: 1}}}], "reasoning")", thinks,
     "thinking", R"({"type":"enabled","budget_tokens":9,"x":{"y":1}})",
     R"({"type":"enabled","budget_tokens":9,"x":{"y":1}})"},
    {R"(["customparams", {a: {b: 1, c: {d: 2}}}], ["customparams", {a: {c: {d: 3, e: 4}}}])", "",
     "a", R"({"b":1,"c":{"d":3,"e":4}})", R"({"b":1,"c":{"d":3,"e":4}})"},
    {R"(["customparams", {a: 1}], ["customparams", {a: 2}])", "", "a", "1", "1"},
    {R"(["customparams", {big: 12345678901234567890, "q\"k": 'v"'}])", "", "big",
     "12345678901234567890", "12345678901234567890"},
    // openrouter, vercel: members of the body, over what is there
    {R"(["openrouter", {provider: {only: ["a"]}}])", "", "provider", R"({"only":["a"]})",
     R"({"only":["a"]})"},
    {R"(["openrouter", {temperature: 0.3}])", sampled, "temperature", "0.3", "0.3"},
    {R"(["vercel", {providerOptions: {gateway: {order: ["x"]}}}])", "", "providerOptions",
     R"({"gateway":{"order":["x"]}})", R"({"gateway":{"order":["x"]}})"},
    // streamoptions
    {R"("streamoptions")", R"("stream":true)", "stream_options", R"({"include_usage":true})", ""},
    {R"("streamoptions")", "", "stream_options", "", ""},
    // reasoning
    {R"("reasoning")", thinks, "thinking", R"({"type":"enabled","budget_tokens":50})",
     R"({"type":"enabled","budget_tokens":50})"},
    {R"("reasoning")", thinks, "enable_thinking", "true", ""},
    {R"("reasoning")", adaptive, "thinking", R"({"type":"enabled"})", R"({"type":"adaptive"})"},
    {R"("reasoning")", "", "enable_thinking", "", ""},
    {R"("reasoning")", R"("thinking":{"type":"disabled"})", "enable_thinking", "false", ""},
    {R"(["reasoning", {enable: false}])", thinks, "thinking", R"({"type":"disabled"})",
     R"({"type":"disabled"})"},
    {R"(["reasoning", {enable: false}])", thinks, "enable_thinking", "false", ""},
    {R"("glm", "reasoning")", thinks, "thinking", R"({"type":"enabled","clear_thinking":false})",
     R"({"type":"enabled","budget_tokens":50})"},
    {R"("glm", ["reasoning", {enable: false}])", thinks, "thinking", R"({"type":"disabled"})",
     R"({"type":"disabled"})"},
};
INSTANTIATE_TEST_SUITE_P(Table, Requests, ::testing::ValuesIn(rows));

TEST(StreamOptions, ComesWhereTheProfileLeavesThemOut) {
    TransformRun plain("{}", R"(profile: "mistral")");
    EXPECT_EQ(plain.chat_member("stream_options", R"("stream":true)"), "");
    TransformRun run(use(R"("streamoptions")"), R"(profile: "mistral")");
    EXPECT_EQ(run.chat_member("stream_options", R"("stream":true)"), R"({"include_usage":true})");
}

constexpr const char* marked =
    R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
    "cache_control":{"type":"ephemeral"},
    "tools":[{"name":"A","input_schema":{},"cache_control":{"type":"ephemeral"}}])";
constexpr const char* marked_messages =
    R"([{"role":"user","content":[{"cache_control":{"type":"ephemeral"},
    "type":"text","text":"keep cache_control here"}]},{"role":"assistant","content":[{"type":"tool_use","id":"a",
    "name":"A","input":{"cache_control":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a",
    "content":[{"type":"text","text":"r","cache_control":{"type":"ephemeral"}}],"cache_control":{"type":"ephemeral"}}]}])";

TEST(CleanCache, TakesTheMarksAndNothingElse) {
    for (const char* name : {"\"cleancache\"", "\"groq\"", "\"openrouter\"", "\"vercel\""}) {
        TransformRun run(use(name), R"(profile: "openrouter")");
        const std::string client = client_body(marked_messages, marked);
        EXPECT_EQ(run.chat(client).find("ephemeral"), std::string::npos) << name;
        const std::string spliced = run.spliced(client);
        ASSERT_TRUE(json::Document().parse_view(spliced)) << spliced;
        EXPECT_EQ(spliced.find("ephemeral"), std::string::npos) << spliced;
        EXPECT_NE(spliced.find(R"("input":{"cache_control":1})"), std::string::npos);
        EXPECT_NE(spliced.find("keep cache_control here"), std::string::npos);
    }
}

TEST(OpenRouter, KeepsTheMarksForModelsThatReadThem) {
    TransformRun run(use(R"("openrouter")"));
    const std::string client = client_body(marked_messages, marked);
    EXPECT_NE(run.chat(client, "anthropic/claude-x").find("ephemeral"), std::string::npos);
    EXPECT_NE(run.spliced(client, "anthropic/claude-x").find("ephemeral"), std::string::npos);
    EXPECT_EQ(run.chat(client, "openai/gpt").find("ephemeral"), std::string::npos);
}

constexpr const char* one_tool = R"("tools":[{"name":"A","input_schema":{"type":"object"}}])";

TEST(ToolUse, ForcesACallAndOffersAWayOut) {
    TransformRun run(use(R"("tooluse")"));
    EXPECT_EQ(run.chat_member("tool_choice", one_tool), "\"required\"");
    const std::string tools = run.chat_member("tools", one_tool);
    EXPECT_NE(tools.find(R"("name":"A")"), std::string::npos);
    EXPECT_NE(tools.find(R"("name":"ExitTool")"), std::string::npos);
    const std::string messages = run.chat_member("messages", one_tool);
    EXPECT_NE(messages.find(R"(hi\n\n<system-reminder>\nTool mode)"), std::string::npos)
        << messages;

    const std::string spliced = run.spliced(simple_body(one_tool));
    ASSERT_TRUE(json::Document().parse_view(spliced)) << spliced;
    EXPECT_EQ(member(spliced, "tool_choice"), R"({"type":"any"})");
    EXPECT_NE(spliced.find(R"("name":"ExitTool")"), std::string::npos);
    EXPECT_NE(spliced.find(R"(hi\n\n<system-reminder>)"), std::string::npos);
}

TEST(ToolUse, DoesNothingWithoutToolsOrAgainstTheClient) {
    TransformRun run(use(R"("tooluse")"));
    EXPECT_EQ(run.chat_member("messages"), R"([{"role":"user","content":"hi"}])");
    const std::string none = std::string(one_tool) + R"(,"tool_choice":{"type":"none"})";
    EXPECT_EQ(run.chat_member("tool_choice", none), "\"none\"");
    const std::string named =
        std::string(one_tool) + R"(,"tool_choice":{"type":"tool","name":"A"})";
    EXPECT_NE(run.chat_member("tool_choice", named).find("\"A\""), std::string::npos);
    // A thinking Claude refuses to be forced.
    const std::string thinking = std::string(one_tool) + R"(,"thinking":{"type":"adaptive"})";
    EXPECT_EQ(member(run.spliced(simple_body(thinking)), "tool_choice"), "");
}

TEST(ToolUse, RemindsBehindTheLastResults) {
    TransformRun run(use(R"("tooluse")"));
    const std::string messages = testing::list(
        {testing::user("\"x\""), testing::assistant("[" + testing::use("a", "A") + "]"),
         testing::user("[" + testing::result("a", "\"r\"") + "]")});
    const std::string sent = compact(member(run.chat(client_body(messages, one_tool)), "messages"));
    const auto result = sent.find(R"("role":"tool")");
    const auto reminder = sent.find("<system-reminder>");
    ASSERT_NE(reminder, std::string::npos) << sent;
    EXPECT_LT(result, reminder);
    const std::string spliced = run.spliced(client_body(messages, one_tool));
    EXPECT_NE(spliced.find(R"("content":"r"},{"type":"text","text":"<system-reminder>)"),
              std::string::npos)
        << spliced;
}

TEST(ForceReasoning, AsksForItAndGivesItBackInTags) {
    TransformRun run(use(R"("forcereasoning")"));
    const std::string sealed = testing::sealed("generic");
    const std::string messages =
        testing::list({testing::user("\"x\""),
                       testing::assistant("[" + testing::thinking("hm \\\"a\\\"", sealed) +
                                          R"(,{"type":"text","text":"so"}])"),
                       testing::user("\"y\"")});
    const std::string sent = compact(member(run.chat(client_body(messages)), "messages"));
    EXPECT_NE(sent.find(R"(<reasoning_content>hm \"a\"</reasoning_content>\nso)"),
              std::string::npos)
        << sent;
    EXPECT_NE(sent.find(R"(y\n\nThink before you answer.)"), std::string::npos);
    const std::string spliced = run.spliced(client_body(messages));
    ASSERT_TRUE(json::Document().parse_view(spliced)) << spliced;
    EXPECT_NE(spliced.find(R"("text":"<reasoning_content>hm \"a\"</reasoning_content>\n"})"),
              std::string::npos)
        << spliced;
    EXPECT_NE(spliced.find(R"(y\n\nThink before you answer.)"), std::string::npos);
    EXPECT_EQ(spliced.find(sealed), std::string::npos);
}

TEST(ForceReasoning, GivesTheLastTenTurnsBack) {
    TransformRun run(use(R"("forcereasoning")"));
    std::string messages = "[";
    for (int i = 0; i < 12; ++i) {
        const std::string text = "t" + std::to_string(i) + ".";
        messages += testing::user("\"x\"") + "," +
                    testing::assistant("[" + testing::thinking(text, testing::sealed("generic")) +
                                       R"(,{"type":"text","text":"a"}])") +
                    ",";
    }
    messages += testing::user("\"y\"") + "]";
    for (const std::string& sent :
         {run.chat(client_body(messages)), run.spliced(client_body(messages))}) {
        EXPECT_EQ(sent.find("t1."), std::string::npos);
        EXPECT_NE(sent.find("t2."), std::string::npos);
        EXPECT_NE(sent.find("t11."), std::string::npos);
    }
}

TEST(Splice, LeavesEveryByteThatNoTransformerConcerns) {
    TransformRun run(use(R"(["sampling", {max_tokens: 5}], ["customparams", {tag: 1}])"));
    const std::string client =
        R"({ "max_tokens" : 9,"model":"c", "x":[1.0,  {"a":-0}],"messages":[ {"role":"user","content":"\u0041"}] })";
    EXPECT_EQ(
        run.spliced(client),
        R"({ "max_tokens" : 5,"model":"m", "x":[1.0,  {"a":-0}],"messages":[ {"role":"user","content":"\u0041"}] ,"tag":1})");
}

TEST(Splice, ThinkTagsOnTheWayBackChangeNothingOnTheWayThere) {
    TransformRun run(use(R"("thinktag", "enhancetool", "extrathinktag")"));
    const std::string client = simple_body(R"("temperature":1)");
    TransformRun plain("{}");
    EXPECT_EQ(run.spliced(client), plain.spliced(client));
    EXPECT_EQ(run.chat(client), plain.chat(client));
}

}  // namespace
}  // namespace ccr::transform
