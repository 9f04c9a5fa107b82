// SPDX-License-Identifier: MIT
// Tools and tool choice of Chat Completions requests.
#include <gtest/gtest.h>

#include "tests/testing/conversation.hpp"

namespace ccr::dialect {
namespace {

using testing::client_body;
using testing::compact;
using testing::member;
using testing::RequestRun;
using testing::sent_member;
using testing::simple_body;

constexpr std::string_view two_tools =
    R"("tools":[{"name":"A","description":"does a","input_schema":{"type":"object","properties":{}}},
                {"name":"B","input_schema":{"type":"object","properties":{}}}])";

std::string function(std::string_view name) {
    return R"({"type":"function","function":{"name":")" + std::string(name) +
           R"(","parameters":{"type":"object","properties":{}}}})";
}

TEST(ChatTools, CustomToolsBecomeFunctions) {
    EXPECT_EQ(sent_member("tools", two_tools),
              R"([{"type":"function","function":{"name":"A","description":"does a",)"
              R"("parameters":{"type":"object","properties":{}}}},)" +
                  function("B") + "]");
    EXPECT_EQ(sent_member("tools", R"("tools":[])"), "");
}

struct ChoiceRow {
    const char* profile;
    const char* choice;
    const char* expected;  // of tool_choice
    const char* tools;     // names that are left
};

class ToolChoiceMatrix : public ::testing::TestWithParam<ChoiceRow> {};

TEST_P(ToolChoiceMatrix, Case65_FollowsTheTable) {
    const ChoiceRow& row = GetParam();
    RequestRun run(
        simple_body(std::string(two_tools) + (*row.choice != 0 ? "," : "") + row.choice));
    const auto encoded = run.encode(row.profile);
    ASSERT_TRUE(encoded) << encoded.error().detail;
    EXPECT_EQ(member(encoded->body, "tool_choice"), row.expected) << row.profile << row.choice;
    json::Document document;
    std::string names;
    for (const json::Value tool : (*document.parse_view(encoded->body))["tools"].elements())
        names += tool["function"]["name"].str();
    EXPECT_EQ(names, row.tools);
    // Without tools there is nothing to choose.
    if (*row.choice != 0) {
        EXPECT_EQ(sent_member("tool_choice", row.choice, row.profile), "");
    }
}

constexpr const char* choose_auto = R"("tool_choice":{"type":"auto"})";
constexpr const char* choose_any = R"("tool_choice":{"type":"any"})";
constexpr const char* choose_b = R"("tool_choice":{"type":"tool","name":"B"})";
constexpr const char* choose_none = R"("tool_choice":{"type":"none"})";
constexpr const char* named_b = R"({"type":"function","function":{"name":"B"}})";

const ChoiceRow choices[] = {
    {"openai", "", "", "AB"},
    {"openai", choose_auto, R"("auto")", "AB"},
    {"openai", choose_any, R"("required")", "AB"},
    {"openai", choose_b, named_b, "AB"},
    {"openai", choose_none, R"("none")", "AB"},
    {"lmstudio", choose_any, R"("required")", "AB"},
    {"lmstudio", choose_b, R"("required")", "B"},
    {"qwen", choose_auto, R"("auto")", "AB"},
    {"qwen", choose_any, "", "AB"},
    {"qwen", choose_b, "", "B"},
    {"qwen", choose_none, R"("none")", "AB"},
    {"glm", choose_auto, R"("auto")", "AB"},
    {"glm", choose_any, R"("auto")", "AB"},
    {"glm", choose_b, R"("auto")", "B"},
    {"glm", choose_none, "", ""},
    {"ollama", choose_auto, "", "AB"},
    {"ollama", choose_any, "", "AB"},
    {"ollama", choose_b, "", "B"},
    {"ollama", choose_none, "", ""},
    {"deepseek", choose_any, R"("required")", "AB"},
    {"openai", R"("tool_choice":{"type":"tool","name":"missing"})", "", "AB"},
};
INSTANTIATE_TEST_SUITE_P(Conformance, ToolChoiceMatrix, ::testing::ValuesIn(choices));

TEST(Conformance, Case65_ForbiddenInWordsWhenHistoryHasCalls) {
    RequestRun run(client_body(
        R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"A","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"X"}]}])",
        std::string(two_tools) + "," + choose_none));
    const std::string body = run.body("glm");
    EXPECT_NE(body.find(R"("tools":[)"), std::string::npos);
    EXPECT_NE(body.find("Do not call any tool in your next reply"), std::string::npos);
    EXPECT_EQ(member(body, "tool_choice"), "");
}

TEST(Conformance, Case65_DeepSeekCannotBeForcedWhileItThinks) {
    const std::string more = std::string(two_tools) + "," + choose_any;
    EXPECT_EQ(sent_member("thinking", more, "deepseek"), R"({"type":"disabled"})");
    const std::string thinking = more + R"(,"thinking":{"type":"adaptive"})";
    EXPECT_EQ(sent_member("tool_choice", thinking, "deepseek"), "");
}

TEST(Conformance, Case58_NoParallelCalls) {
    const std::string more = std::string(two_tools) +
                             R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})";
    EXPECT_EQ(sent_member("parallel_tool_calls", more, "openai"), "false");
    EXPECT_EQ(sent_member("parallel_tool_calls", two_tools, "openai"), "");
    RequestRun run(simple_body(more));
    const auto encoded = run.encode("deepseek");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(member(encoded->body, "parallel_tool_calls"), "");
    EXPECT_TRUE(encoded->single_tool_call);
}

TEST(Conformance, Case57_LongAndOddToolNamesAreMangledAlike) {
    const std::string name = "mcp__server.with.dots__" + std::string(60, 'x');
    RequestRun run(client_body(
        R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"x","name":")" +
            name +
            R"(","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"X"}]}])",
        R"("tools":[{"name":")" + name +
            R"(","input_schema":{}}],"tool_choice":{"type":"tool","name":")" + name + "\"}"));
    const auto encoded = run.encode("openai");
    ASSERT_TRUE(encoded);
    ASSERT_EQ(encoded->renamed_tools.size(), 1U);
    EXPECT_EQ(encoded->renamed_tools[0].second, name);
    const std::string& mangled = encoded->renamed_tools[0].first;
    EXPECT_EQ(mangled.size(), 64U);
    EXPECT_EQ(encoded->body.find(name), std::string::npos);
    const std::string quoted = "\"name\":\"" + mangled + "\"";
    const auto first = encoded->body.find(quoted);
    const auto second = encoded->body.find(quoted, first + 1);
    EXPECT_NE(encoded->body.find(quoted, second + 1), std::string::npos)
        << "history, tools, choice";
    EXPECT_EQ(testing::lint_chat(encoded->body, *profile_named("openai")),
              std::vector<std::string>());
}

TEST(Conformance, Case68_ServerToolsAreNativeOrDropped) {
    constexpr const char* search =
        R"("tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8}],"tool_choice":{"type":"auto"})";
    EXPECT_EQ(sent_member("tools", search, "openai"), "");
    EXPECT_EQ(sent_member("tool_choice", search, "openai"), "");
    EXPECT_EQ(sent_member("plugins", search, "openrouter"), R"([{"id":"web","max_uses":8}])");
    EXPECT_EQ(sent_member("enable_search", search, "qwen"), "true");
    EXPECT_EQ(sent_member("tools", search, "glm"),
              R"([{"type":"web_search","web_search":{"enable":true,"search_result":true}}])");
    RequestRun run(
        simple_body(R"("tools":[{"type":"code_execution_20250825","name":"code_execution"},
                                           {"name":"A","input_schema":{}}])"));
    EXPECT_EQ(compact(member(run.body("openai"), "tools")), "[" + function("A") + "]");
    EXPECT_EQ(run.request().warnings, std::vector<std::string>{"tools.code_execution_20250825"});
}

TEST(ChatTools, TypedClientToolsBecomeFunctions) {
    const std::string tools = sent_member(
        "tools",
        R"("tools":[{"type":"bash_20250124","name":"bash"},{"type":"text_editor_20250728","name":"str_replace_based_edit_tool"},
                    {"type":"text_editor_20250124","name":"str_replace_editor"},{"type":"memory_20250818","name":"memory"},
                    {"type":"computer_20250124","name":"computer","display_width_px":1,"display_height_px":1}])",
        "openai", "gpt-4o");
    json::Document document;
    const auto root = document.parse_view(tools);
    ASSERT_TRUE(root) << tools;
    ASSERT_EQ(root->size(), 5U);
    const auto properties = [&](std::size_t i) {
        return root->at(i)["function"]["parameters"]["properties"];
    };
    EXPECT_TRUE(properties(0)["restart"]);
    EXPECT_TRUE(properties(1)["insert_text"]);
    EXPECT_NE(properties(2)["command"].raw().find("undo_edit"), std::string_view::npos);
    EXPECT_TRUE(properties(3)["old_path"]);
    EXPECT_TRUE(properties(4)["coordinate"]);
    EXPECT_EQ(sent_member("tools", R"("tools":[{"type":"computer_20250124","name":"computer"}])",
                          "deepseek"),
              "error: capability_rejected: image_block");
    EXPECT_EQ(
        sent_member("tools", R"("tools":[{"type":"computer_toolset_20260801","name":"computer"}])"),
        "error: tools: computer_toolset_20260801 is not supported by this provider");
}

TEST(Conformance, Case69_DeferredToolsAppearOnceReferenced) {
    const std::string tools =
        R"("tools":[{"name":"D1","input_schema":{},"defer_loading":true},{"name":"ToolSearch","input_schema":{}},
                    {"name":"D2","input_schema":{},"defer_loading":true},{"name":"Z","input_schema":{}},
                    {"name":"DeferredToolPlaceholder","input_schema":{},"defer_loading":true}])";
    const auto names = [&](const std::string& references, std::string_view more = {}) {
        std::string messages = R"([{"role":"user","content":"a"})";
        if (!references.empty()) {
            messages +=
                R"(,{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"ToolSearch","input":{}}]},
                    {"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":[)" +
                references + "]}]}";
        }
        RequestRun run(client_body(messages + "]", tools + std::string(more)));
        const std::string body = run.body();
        json::Document document;
        std::string out;
        for (const json::Value tool : (*document.parse_view(body))["tools"].elements())
            out.append(tool["function"]["name"].str()).append(" ");
        return out;
    };
    const auto reference = [](const std::string& name) {
        return R"({"type":"tool_reference","tool_name":")" + name + "\"}";
    };
    EXPECT_EQ(names(""), "ToolSearch Z ");
    EXPECT_EQ(names(reference("D2")), "ToolSearch Z D2 ");
    EXPECT_EQ(names(reference("D2") + "," + reference("D1") + "," + reference("D2")),
              "ToolSearch Z D2 D1 ");
    EXPECT_EQ(names("", R"(,"tool_choice":{"type":"tool","name":"D1"})"), "ToolSearch Z D1 ");
    // Nothing on the client's side can search: all are sent.
    EXPECT_EQ(compact(sent_member("tools",
                                  R"("tools":[{"name":"D","input_schema":{},"defer_loading":true},
                                 {"type":"tool_search_tool_regex_20251119","name":"tool_search_tool_regex"}])")),
              "[" + function("D") + "]");
}

TEST(ChatTools, ToolsAddedInMessagesAreOffered) {
    RequestRun run(client_body(
        R"([{"role":"user","content":"a"},{"role":"system","content":[{"type":"tool_addition","tool":
            {"type":"tool_definition","definition":{"name":"N","input_schema":{}}}}]},{"role":"user","content":"b"}])",
        R"("tools":[{"name":"A","input_schema":{}}])"));
    EXPECT_EQ(compact(member(run.body(), "tools")),
              "[" + function("A") + "," + function("N") + "]");
}

TEST(ChatTools, TooManyAreRefused) {
    std::string tools = R"("tools":[)";
    for (int i = 0; i < 129; ++i)
        tools += (i > 0 ? R"(,{"name":"t)" : R"({"name":"t)") + std::to_string(i) + R"("})";
    RequestRun run(simple_body(tools + "]"));
    const auto encoded = run.encode("openai");
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().kind, ErrorKind::capability);
    EXPECT_TRUE(run.encode("vllm"));
}

TEST(ChatTools, StrictOnlyWhereItWouldBeAccepted) {
    const auto tool = [](std::string_view schema) {
        return R"("tools":[{"name":"A","strict":true,"input_schema":)" + std::string(schema) + "}]";
    };
    constexpr std::string_view closed =
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
    constexpr std::string_view open = R"({"type":"object","properties":{"a":{"type":"string"}}})";
    EXPECT_NE(sent_member("tools", tool(closed), "openai").find(R"("strict":true)"),
              std::string::npos);
    EXPECT_EQ(sent_member("tools", tool(open), "openai").find("strict"), std::string::npos);
    EXPECT_EQ(sent_member("tools", tool(closed), "groq").find("strict"), std::string::npos);
}

}  // namespace
}  // namespace ccr::dialect
