// SPDX-License-Identifier: MIT
// What each transformer makes of a reply: streamed in any pieces and whole, the same.
#include <gtest/gtest.h>

#include "tests/testing/transform_run.hpp"

namespace ccr::transform {
namespace {

using testing::call_deltas;
using testing::call_message;
using testing::chat_stream;
using testing::completion;
using testing::TransformRun;

std::string use(const std::string& list) {
    return "{use: [" + list + "]}";
}

std::vector<std::string> text_deltas(std::string_view text, std::size_t size) {
    std::vector<std::string> deltas;
    for (std::size_t at = 0; at < text.size(); at += size)
        deltas.push_back(R"({"content":")" + json::escape(text.substr(at, size)) + "\"}");
    return deltas;
}

std::string text_message(std::string_view text) {
    return R"({"content":")" + json::escape(text) + "\"}";
}

struct TextRow {
    const char* transformers;
    const char* text;
    const char* shape;
};

class Texts : public ::testing::TestWithParam<TextRow> {};

TEST_P(Texts, StreamedAndWholeAlike) {
    const TextRow& row = GetParam();
    TransformRun run(use(row.transformers));
    ASSERT_EQ(run.problem(), "");
    const std::string_view text = row.text;
    EXPECT_EQ(run.whole(completion(text_message(text))), row.shape) << row.transformers;
    for (std::size_t size = 1; size <= text.size(); ++size)
        ASSERT_EQ(run.streamed(chat_stream(text_deltas(text, size))), row.shape)
            << row.transformers << " by " << size;
}

const TextRow texts[] = {
    {R"("thinktag")", "<think>hm</think>\nok", "text[ok]"},
    {R"("thinktag")", "<Thinking>hm</reasoning>ok", "text[ok]"},
    {R"("thinktag")", "ok <think>hm</think>", "text[ok <think>hm</think>]"},
    {R"("thinktag")", "<think>hm", ""},
    {R"(["thinktag", {mode: "convert"}])", "<think>hm</think>ok", "thinking[hm] text[ok]"},
    {R"(["thinktag", {mode: "Keep"}])", "<think>hm</think>ok", "text[<think>hm</think>ok]"},
    {R"(["thinktag", {anywhere: true}])", "a<think>hm</think>b", "text[ab]"},
    {R"(["thinktag", {anywhere: "true"}])", "a `<think>` <think>b</think>c", "text[a `<think>` c]"},
    {R"(["thinktag", {tags: ["plan", "[THINK]"]}])", "[THINK]a[/THINK]b", "text[b]"},
    {R"(["thinktag", {tags: "plan"}])", "<plan>a</plan>b", "text[b]"},
    {R"(["thinktag", {tags: ["plan"]}])", "<think>a</think>b", "text[<think>a</think>b]"},
    {R"("extrathinktag")", "<think>hm</think>ok", "thinking[hm] text[ok]"},
    {R"(["extrathinktag", {mode: "strip"}])", "<think>hm</think>ok", "text[ok]"},
    {R"("extrathinktag")", "no tag", "text[no tag]"},
    {R"("forcereasoning")", "<reasoning_content>hm</reasoning_content>\nok",
     "thinking[hm] text[ok]"},
    {R"("forcereasoning")", "Sure. <reasoning_content>hm</reasoning_content>ok",
     "text[Sure. ] thinking[hm] text[ok]"},
    {R"("forcereasoning")", "forgot it", "text[forgot it]"},
    {R"("forcereasoning")", "see `<reasoning_content>`", "text[see `<reasoning_content>`]"},
    {R"("enhancetool", "tooluse")", "plain text", "text[plain text]"},
};
INSTANTIATE_TEST_SUITE_P(Table, Texts, ::testing::ValuesIn(texts));

struct CallRow {
    const char* transformers;
    const char* tool;
    const char* arguments;
    const char* shape;
};

class Calls : public ::testing::TestWithParam<CallRow> {};

TEST_P(Calls, StreamedAndWholeAlike) {
    const CallRow& row = GetParam();
    TransformRun run(use(row.transformers));
    ASSERT_EQ(run.problem(), "");
    const std::string_view arguments = row.arguments;
    EXPECT_EQ(run.whole(completion(call_message(row.tool, arguments), "tool_calls")), row.shape);
    for (std::size_t size = 1; size <= arguments.size(); ++size)
        ASSERT_EQ(run.streamed(chat_stream(call_deltas(row.tool, arguments, size), "tool_calls")),
                  row.shape)
            << " by " << size;
    // Some end with "stop" all the same.
    EXPECT_EQ(run.streamed(chat_stream(call_deltas(row.tool, arguments, 4))), row.shape);
}

const CallRow calls[] = {
    {R"("enhancetool")", "T", R"({"a": "b"})", R"(tool_use:T{"a": "b"})"},
    {R"("enhancetool")", "T", "{'a': 'b',}", R"(tool_use:T{"a": "b"})"},
    {R"("enhancetool")", "T", R"({"a": {"b": 1)", R"(tool_use:T{"a": {"b": 1}})"},
    {R"("enhancetool")", "T", "```json\n{\"a\": 1}\n```", R"(tool_use:T{"a": 1})"},
    {R"("enhancetool")", "T", R"("{\"a\": \"<think>x</think>\"}")",
     R"(tool_use:T{"a": "<think>x</think>"})"},
    {R"("enhancetool")", "T", R"({"s": "\ud83d\ude00 \n"})",
     R"(tool_use:T{"s": "\ud83d\ude00 \n"})"},
    {R"("thinktag", "extrathinktag")", "T", R"({"a": "<think>x</think>"})",
     R"(tool_use:T{"a": "<think>x</think>"})"},
    {R"("tooluse")", "T", R"({"response": "x"})", R"(tool_use:T{"response": "x"})"},
    {R"("tooluse")", "ExitTool", R"({"response": "Done \"x\"\n\ud83d\ude00."})",
     "text[Done \"x\"\n\U0001F600.]"},
    {R"("tooluse")", "exittool", R"({"why": {"response": "no"}, "response": "yes"})", "text[yes]"},
    {R"("tooluse")", "ExitTool", R"({'response': 'It's done'})", "text[It's done]"},
    {R"("tooluse")", "ExitTool", R"({"answer": "other"})", R"(text[{"answer": "other"}])"},
    {R"("tooluse")", "ExitTool", "plain words", "text[plain words]"},
    {R"("tooluse", "enhancetool")", "ExitTool", R"({"response": "x)", "text[x]"},
};
INSTANTIATE_TEST_SUITE_P(Table, Calls, ::testing::ValuesIn(calls));

TEST(ToolUse, TheReplyEndsAsATurnUnlessAnotherToolIsCalled) {
    TransformRun run(use(R"("tooluse")"));
    auto deltas = call_deltas("ExitTool", R"({"response":"done"})", 5);
    deltas.push_back(
        R"({"tool_calls":[{"index":1,"id":"d","function":{"name":"T","arguments":"{}"}}]})");
    EXPECT_EQ(run.streamed(chat_stream(deltas, "tool_calls")), "text[done] tool_use:T{}");
}

TEST(ToolUse, TheAnswerComesWhileItIsWritten) {
    // Text in pieces, not one piece at the end: the shape cannot tell, the events can.
    TransformRun run(use(R"("tooluse")"));
    dialect::Profile profile;
    testing::EventLog log;
    Filters filters(log);
    run.chain()->extend(filters, {profile});
    filters.front().on(chat::ToolOpened{0, "c", "ExitTool"});
    filters.front().on(chat::ToolArguments{0, {R"({\"response\": \"one)"}});
    EXPECT_EQ(log.text, "text one\n");
    filters.front().on(chat::ToolArguments{0, {R"( two\"}))"}});
    EXPECT_EQ(log.text, "text one\ntext  two\n");
}

TEST(EnhanceTool, InterleavedCallsAreMendedEachOnItsOwn) {
    TransformRun run(use(R"("enhancetool")"));
    const auto delta = [](int index, std::string_view name, std::string_view arguments) {
        return R"({"tool_calls":[{"index":)" + std::to_string(index) + R"(,"id":"c)" +
               std::to_string(index) + R"(","function":{)" +
               (name.empty() ? "" : R"("name":")" + std::string(name) + "\",") +
               R"("arguments":")" + json::escape(arguments) + "\"}}]}";
    };
    EXPECT_EQ(
        run.streamed(chat_stream({delta(0, "A", "{'a'"), delta(1, "B", "{b:"), delta(0, "", ": 1,"),
                                  delta(1, "", " 2"), delta(0, "", "}")},
                                 "tool_calls")),
        R"(tool_use:A{"a": 1} tool_use:B{"b": 2})");
}

TEST(EnhanceTool, ACallThatTheLimitCutOffIsNotMadeWhole) {
    TransformRun run(use(R"("enhancetool")"));
    EXPECT_EQ(run.whole(completion(call_message("T", R"({"file": "x", "text": "half)"), "length")),
              R"(text[T({"file": "x", "text": "half)])");
}

TEST(Filters, WorkOnTheClientsOwnFormatToo) {
    TransformRun run(use(R"(["thinktag", {mode: "convert"}], "enhancetool")"));
    run.anthropic = true;
    const std::string stream = R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"<think>hm</think>ok"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"T","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{'a': 1"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}

event: message_stop
data: {"type":"message_stop"}

)";
    EXPECT_EQ(run.streamed(stream), R"(thinking[hm] text[ok] tool_use:T{"a": 1})");
}

TEST(Filters, AreOnlyThereWhenTheyHaveSomethingToDo) {
    struct Case {
        const char* list;
        bool filters;
    };
    const Case cases[] = {
        {R"("cleancache")", false},
        {R"(["sampling", {top_p: 1}], ["customparams", {a: 1}], "streamoptions", "reasoning")",
         false},
        {R"(["thinktag", {mode: "keep"}])", false},
        {R"("thinktag")", true},
        {R"("enhancetool")", true},
        {R"("tooluse")", true},
        {R"("forcereasoning")", true},
    };
    for (const Case& row : cases) {
        TransformRun run(use(row.list));
        ASSERT_EQ(run.problem(), "") << row.list;
        EXPECT_EQ(run.chain()->filters(), row.filters) << row.list;
    }
}

}  // namespace
}  // namespace ccr::transform
