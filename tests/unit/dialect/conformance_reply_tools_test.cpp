// SPDX-License-Identifier: MIT
// Conformance cases about tool calls in replies. See CONFORMANCE.md.
#include <gtest/gtest.h>

#include <set>

#include "daemon/dialect/tool_ids.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

// {"tool_calls":[…]}
std::string calls(std::string_view elements) {
    return R"({"tool_calls":[)" + std::string(elements) + "]}";
}

std::string shape_of(const std::vector<std::string>& deltas, ReplyRun& run) {
    const auto got = run.stream(chat_stream(deltas, "tool_calls"));
    EXPECT_EQ(got.reply.problem, "");
    return got.reply.shape();
}

std::string shape_of(const std::vector<std::string>& deltas, std::string_view profile = "openai") {
    ReplyRun run;
    run.profile = *dialect::profile_named(profile);
    return shape_of(deltas, run);
}

TEST(Conformance, Case46_OneCallInSingleCharacters) {
    const std::string arguments = R"({"path":"/tmp/\"x\"","n":[1,2]})";
    std::vector<std::string> deltas{
        calls(R"({"index":0,"id":"c","function":{"name":"Read","arguments":""}})")};
    for (const char c : arguments) {
        deltas.push_back(calls(R"({"index":0,"function":{"arguments":")" +
                               json::escape(std::string(1, c)) + "\"}}"));
    }
    EXPECT_EQ(shape_of(deltas), "tool_use:Read" + arguments);
}

TEST(Conformance, Case47_InterleavedParallelToolsBecomeSequentialBlocks) {
    EXPECT_EQ(shape_of({calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":""}})"),
                        calls(R"({"index":1,"id":"b","function":{"name":"B","arguments":""}})"),
                        calls(R"({"index":0,"function":{"arguments":"{\"x\""}})"),
                        calls(R"({"index":1,"function":{"arguments":"{\"y\""}})"),
                        calls(R"({"index":0,"function":{"arguments":":1}"}})"),
                        calls(R"({"index":1,"function":{"arguments":":2}"}})")}),
              R"(tool_use:A{"x":1} tool_use:B{"y":2})");
}

TEST(Conformance, Case48_WholeCallsInOneChunk) {
    const std::string a = R"({"index":0,"id":"a","function":{"name":"A","arguments":"{\"x\":1}"}})";
    const std::string b = R"({"index":1,"id":"b","function":{"name":"B","arguments":"{}"}})";
    EXPECT_EQ(shape_of({calls(a)}), R"(tool_use:A{"x":1})");
    EXPECT_EQ(shape_of({calls(a + "," + b)}), R"(tool_use:A{"x":1} tool_use:B{})");
}

TEST(Conformance, Case49_IndexAlwaysZeroMissingOrStartingAtOne) {
    const std::string expected = R"(tool_use:A{"x":1} tool_use:B{"y":2})";
    const auto call = [](std::string_view index, std::string_view id, std::string_view name,
                         std::string_view arguments) {
        return calls("{" + std::string(index) + R"("id":")" + std::string(id) +
                     R"(","function":{"name":")" + std::string(name) + R"(","arguments":")" +
                     json::escape(arguments) + "\"}}");
    };
    EXPECT_EQ(shape_of({call(R"("index":0,)", "a", "A", R"({"x":1})"),
                        call(R"("index":0,)", "b", "B", R"({"y":2})")}),
              expected);
    EXPECT_EQ(shape_of({call("", "a", "A", R"({"x":1})"), call("", "b", "B", R"({"y":2})")}),
              expected);
    EXPECT_EQ(shape_of({call(R"("index":1,)", "a", "A", R"({"x":1})"),
                        call(R"("index":2,)", "b", "B", R"({"y":2})")}),
              expected);
    // Neither index nor id: a name that comes once more is another call.
    EXPECT_EQ(shape_of({call("", "", "A", R"({"x":1})"), call("", "", "B", R"({"y":2})")}),
              expected);
    EXPECT_EQ(shape_of({calls(R"({"function":{"name":"A","arguments":"{}"}},
                                 {"function":{"name":"A","arguments":"{}"}})")}),
              "tool_use:A{} tool_use:A{}");
    // No index, fragments told apart by id only.
    EXPECT_EQ(
        shape_of({call("", "a", "A", ""), call("", "b", "B", ""), call("", "a", "", R"({"x")"),
                  call("", "b", "", R"({"y":2})"), call("", "a", "", ":1}")}),
        expected);
}

TEST(Conformance, Case50_ASecondWholeObjectIsASecondCall) {
    EXPECT_EQ(shape_of({calls(R"({"index":0,"function":{"name":"A","arguments":"{\"x\":1}"}})"),
                        calls(R"({"index":0,"function":{"arguments":"{\"x\":2}"}})")}),
              R"(tool_use:A{"x":1} tool_use:A{"x":2})");
}

TEST(Conformance, Case51_IdNameAndArgumentsInAnyOrder) {
    const std::string expected = R"(tool_use:A{"x":1})";
    EXPECT_EQ(
        shape_of({calls(R"({"index":0,"id":"a"})"), calls(R"({"index":0,"function":{"name":"A"}})"),
                  calls(R"({"index":0,"function":{"arguments":"{\"x\":1}"}})")}),
        expected);
    EXPECT_EQ(shape_of({calls(R"({"index":0,"id":"a","function":{"arguments":"{\"x\""}})"),
                        calls(R"({"index":0,"function":{"arguments":":1}"}})"),
                        calls(R"({"index":0,"function":{"name":"A"}})")}),
              expected);
    EXPECT_EQ(
        shape_of({calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":"{\"x\""}})"),
                  calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":":"}})"),
                  calls(R"({"index":0,"id":"","function":{"name":"","arguments":"1}"}})")}),
        expected);
    ReplyRun fragments;
    fragments.profile.name_fragments = true;
    EXPECT_EQ(shape_of({calls(R"({"index":0,"id":"a","function":{"name":"Re"}})"),
                        calls(R"({"index":0,"function":{"name":"ad"}})"),
                        calls(R"({"index":0,"function":{"arguments":"{}"}})")},
                       fragments),
              "tool_use:Read{}");
}

TEST(Conformance, Case52_CallsWithoutArgumentsAndArgumentsAsObject) {
    for (const std::string_view arguments : {R"("")", "null", R"("{}")", "{}"}) {
        const std::vector<std::string> deltas{
            calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":)" +
                  std::string(arguments) + "}}")};
        EXPECT_EQ(shape_of(deltas), "tool_use:A{}") << arguments;
        const auto body = ReplyRun().fold(chat_stream(deltas));
        ASSERT_TRUE(body);
        EXPECT_NE(body->find(R"("name":"A","input":{})"), std::string::npos) << *body;
    }
    EXPECT_EQ(shape_of({calls(R"({"index":0,"function":{"name":"A","arguments":{"q":"\"é\\"}}})")}),
              R"(tool_use:A{"q":"\"é\\"})");
}

TEST(Conformance, Case53_ArgumentsAfterFinishReasonAreNotLost) {
    const auto got = ReplyRun().stream(
        delta_frame(calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":"{\"x\""}})")) +
        frame(R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})") +
        delta_frame(calls(R"({"index":0,"function":{"arguments":":1}"}})")) + "data: [DONE]\n\n");
    EXPECT_EQ(got.reply.shape(), R"(tool_use:A{"x":1})");
}

TEST(Conformance, Case54_TextAfterACallBeganIsNotInItNorLost) {
    EXPECT_EQ(
        shape_of({calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":"{\"x\""}})"),
                  R"({"content":"while "})", R"({"content":"it ran"})",
                  calls(R"({"index":0,"function":{"arguments":":1}"}})"),
                  R"({"content":"after"})"}),
        R"(tool_use:A{"x":1} text[while it ranafter])");
}

TEST(Conformance, Case55_CutArgumentsAreShownAsTheyAre) {
    const std::vector<std::string> deltas{
        calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":"{\"x\":\"par"}})")};
    const auto got = ReplyRun().stream(chat_stream(deltas, "length"));
    EXPECT_EQ(got.reply.shape(), R"(tool_use:A{"x":"par)");
    EXPECT_EQ(got.reply.stop_reason, "max_tokens");
    const auto body = ReplyRun().fold(chat_stream(deltas, "length"));
    ASSERT_TRUE(body);
    const std::string_view shown = R"raw({"type":"text","text":"A({\"x\":\"par)"})raw";
    EXPECT_NE(body->find(shown), std::string::npos) << *body;
    EXPECT_NE(body->find(R"("stop_reason":"max_tokens")"), std::string::npos);
}

TEST(Conformance, Case56_IdsInRepliesAreUniqueAndLegal) {
    ReplyRun run;
    const auto got = run.stream(chat_stream(
        {calls(R"({"index":0,"id":"functions.Bash:0","function":{"name":"A","arguments":"{}"}})"),
         calls(R"({"index":1,"id":7,"function":{"name":"A","arguments":"{}"}})"),
         calls(R"({"index":2,"function":{"name":"A","arguments":"{}"}})"),
         calls(R"({"index":3,"id":"call_1","function":{"name":"A","arguments":"{}"}})"),
         calls(R"({"index":4,"id":"call_1","function":{"name":"A","arguments":"{}"}})")}));
    std::set<std::string> ids;
    for (const ReadBlock& block : got.reply.blocks) {
        EXPECT_EQ(block.id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-"),
                  std::string::npos);
        ids.insert(block.id);
    }
    EXPECT_EQ(ids.size(), 5U);
    EXPECT_EQ(dialect::upstream_tool_id(got.reply.blocks.at(0).id), "functions.Bash:0");
    EXPECT_EQ(dialect::upstream_tool_id(got.reply.blocks.at(1).id), "7");
    EXPECT_EQ(got.reply.blocks.at(3).id, "call_1");
}

TEST(Conformance, Case57_ToolNamesComeBackAsTheClientKnowsThem) {
    const auto name_of = [](std::string_view sent) {
        ReplyRun run;
        run.encoded.renamed_tools = {{"mcp__long_1a2b3c4d", "mcp__long.name"}};
        for (const std::string_view known : {"Bash", "bash", "WebFetch"}) {
            chat::Tool tool;
            tool.name = known;
            run.request.tools.push_back(tool);
        }
        const auto got =
            run.stream(chat_stream({calls(R"({"index":0,"id":"c","function":{"name":")" +
                                          std::string(sent) + R"(","arguments":"{}"}})")}));
        return got.reply.blocks.at(0).name;
    };
    EXPECT_EQ(name_of("mcp__long_1a2b3c4d"), "mcp__long.name");
    EXPECT_EQ(name_of("default_api:mcp__long_1a2b3c4d"), "mcp__long.name");
    EXPECT_EQ(name_of("default_api.WebFetch"), "WebFetch");
    EXPECT_EQ(name_of("webfetch"), "WebFetch");
    EXPECT_EQ(name_of("bash"), "bash");
    EXPECT_EQ(name_of("Bash"), "Bash");
    EXPECT_EQ(name_of("invented"), "invented");
    EXPECT_EQ(name_of("default_api:invented"), "invented");
}

TEST(Conformance, Case58_OnlyTheFirstCallIfTheClientWantsOne) {
    ReplyRun run;
    run.encoded.single_tool_call = true;
    EXPECT_EQ(shape_of({calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":"{"}})"),
                        calls(R"({"index":1,"id":"b","function":{"name":"B","arguments":"{}"}})"),
                        calls(R"({"index":0,"function":{"arguments":"}"}})")},
                       run),
              "tool_use:A{}");
}

TEST(Conformance, Case70_ArgumentsAreNotRespelt) {
    const std::string arguments = R"({"n":12345678901234567890,"f":1.0,"z":0,"a":"\u0000"})";
    const std::vector<std::string> deltas{
        calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":")" +
              json::escape(arguments) + "\"}}")};
    EXPECT_EQ(shape_of(deltas), "tool_use:A" + arguments);
    const auto body = ReplyRun().fold(chat_stream(deltas));
    ASSERT_TRUE(body);
    EXPECT_NE(body->find("\"input\":" + arguments), std::string::npos);
    // A lone half of a surrogate pair must not reach the client as it is.
    const auto text = ReplyRun().stream(chat_stream({R"({"content":"a\ud83db"})"}));
    EXPECT_EQ(text.reply.shape(),
              "text[a\xEF\xBF\xBD"
              "b]");
}

TEST(ReplyTools, CumulativeArgumentsAreTakenOnce) {
    ReplyRun run;
    run.profile.cumulative_args = true;
    EXPECT_EQ(
        shape_of({calls(R"({"index":0,"id":"a","function":{"name":"A","arguments":"{\"x\""}})"),
                  calls(R"({"index":0,"function":{"arguments":"{\"x\":1"}})"),
                  calls(R"({"index":0,"function":{"arguments":"{\"x\":1}"}})"),
                  calls(R"({"index":0,"function":{"arguments":"{\"x\":1}"}})")},
                 run),
        R"(tool_use:A{"x":1})");
}

TEST(ReplyTools, LegacyFunctionCallIsATool) {
    EXPECT_EQ(shape_of({R"({"function_call":{"name":"A","arguments":""}})",
                        R"({"function_call":{"arguments":"{\"x\":1}"}})"}),
              R"(tool_use:A{"x":1})");
}

TEST(ReplyTools, ACallThatIsWholeEndsWhenTheNextBegins) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->on(chat::ToolOpened{0, "a", "A"});
    writer->on(chat::ToolArguments{0, {R"({\"x\":1})"}});
    writer->output().clear();
    writer->on(chat::ToolOpened{1, "b", "B"});
    EXPECT_NE(writer->output().find("content_block_stop"), std::string::npos);
    EXPECT_NE(writer->output().find(R"("name":"B")"), std::string::npos);
}

}  // namespace
}  // namespace ccr::testing
