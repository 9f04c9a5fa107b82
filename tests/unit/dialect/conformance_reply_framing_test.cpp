// SPDX-License-Identifier: MIT
// Conformance cases about framing, in and out. See CONFORMANCE.md for the list.
#include <gtest/gtest.h>

#include "daemon/dialect/classify.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

std::string hello_stream(std::string_view line_end) {
    std::string out;
    for (const char c : chat_stream({R"({"content":"hel"})", R"({"content":"lo 🌍"})"})) {
        if (c == '\n') {
            out += line_end;
        } else {
            out += c;
        }
    }
    return out;
}

TEST(Conformance, Case1_AnyLineEndGivesTheSameStream) {
    const std::string lf = ReplyRun().stream(hello_stream("\n")).client;
    EXPECT_EQ(read_anthropic_stream(lf).shape(), "text[hello 🌍]");
    EXPECT_EQ(ReplyRun().stream(hello_stream("\r\n")).client, lf);
    EXPECT_EQ(ReplyRun().stream(hello_stream("\r")).client, lf);
    const std::string half = delta_frame(R"({"content":"hello 🌍"})");
    const auto mixed =
        ReplyRun().stream(half.substr(0, half.size() - 2) + "\r\n\r" + chat_stream({}, "stop"));
    EXPECT_EQ(mixed.reply.shape(), "text[hello 🌍]");
}

TEST(Conformance, Case2_BytesOneByOneGiveTheSameStream) {
    const std::string sse = hello_stream("\n");
    EXPECT_EQ(ReplyRun().stream(sse, 1).client, ReplyRun().stream(sse).client);
}

TEST(Conformance, Case3_CommentsAndBlankLinesMeanNothing) {
    const std::string noise = ": OPENROUTER PROCESSING\n\n: keep-alive\n\n\n\n:\n";
    const std::string one = delta_frame(R"({"content":"a"})");
    const std::string inside = ": between the fields of an event\n" + one;
    const auto got = ReplyRun().stream(noise + one + noise + inside + noise + chat_stream({}));
    EXPECT_EQ(got.reply.shape(), "text[aa]");
    EXPECT_EQ(got.reply.problem, "");
}

TEST(Conformance, Case3_EventsOfOtherNamesMeanNothing) {
    const std::string beat = "event: heartbeat\ndata: ok\n\nevent: ping\ndata: {}\n\n";
    const auto got = ReplyRun().stream(beat + chat_stream({R"({"content":"a"})"}));
    EXPECT_EQ(got.reply.shape(), "text[a]");
    const auto junk = ReplyRun().stream("data: ok\n\n" + chat_stream({R"({"content":"a"})"}));
    EXPECT_EQ(junk.reply.error_type, "api_error");
}

TEST(Conformance, Case4_DataWithoutSpaceAndDoneWithTrailingSpace) {
    std::string sse = "data:" + delta_frame(R"({"content":"a"})").substr(6);
    const auto got = ReplyRun().stream(sse + "data: [DONE]  \r\n\r\n");
    EXPECT_EQ(got.reply.shape(), "text[a]");
    EXPECT_EQ(got.reply.stop_reason, "end_turn");
}

TEST(Conformance, Case5_DataInSeveralLinesIsJoined) {
    const auto got = ReplyRun().stream(
        "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"a\"},\ndata:"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    EXPECT_EQ(got.reply.shape(), "text[a]");
    EXPECT_EQ(got.reply.stop_reason, "end_turn");
}

TEST(Conformance, Case6_MissingDoneAfterFinishIsANormalEnd) {
    const std::string sse =
        delta_frame(R"({"content":"a"})") +
        frame(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})") +
        frame(R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}})");
    const auto got = ReplyRun().stream(sse);
    EXPECT_TRUE(got.reply.finished);
    EXPECT_EQ(got.usage.input_tokens, 7);
    EXPECT_EQ(got.usage.output_tokens, 2);
    // The same when the connection is torn down behind it: everything was said.
    EXPECT_TRUE(ReplyRun().stream(sse, 0, false).reply.finished);
}

TEST(Conformance, Case7_LastEventWithoutBlankLineCounts) {
    std::string sse = delta_frame(R"({"content":"a"})");
    sse += R"(data: {"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"length"}]})";
    const auto got = ReplyRun().stream(sse);
    EXPECT_EQ(got.reply.shape(), "text[ab]");
    EXPECT_EQ(got.reply.stop_reason, "max_tokens");
}

constexpr std::string_view whole_reply = R"({"id":"c1","object":"chat.completion","model":"m",
 "choices":[{"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":"hm",
 "tool_calls":[{"id":"c1","type":"function","function":{"name":"Bash","arguments":"{\"a\":1}"}}]},
 "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":3}})";

TEST(Conformance, Case8_JsonBodyOnAStreamRequestBecomesAStream) {
    const auto got = ReplyRun().stream_body(whole_reply);
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_EQ(got.reply.shape(), R"(thinking[hm] text[hi] tool_use:Bash{"a":1})");
    EXPECT_EQ(got.reply.stop_reason, "tool_use");
    EXPECT_EQ(got.usage.input_tokens, 9);
}

TEST(Conformance, Case9_BlankLinesBeforeABodyAreSkipped) {
    const auto got = ReplyRun().stream_body("\n\n \r\n" + std::string(whole_reply));
    EXPECT_EQ(got.reply.shape(), R"(thinking[hm] text[hi] tool_use:Bash{"a":1})");
}

TEST(Conformance, Case10_HtmlIsAServerFailureAndDoesNotLeak) {
    const std::string html = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>";
    const Error error = dialect::classify(502, {}, html, {});
    EXPECT_EQ(error.kind, ErrorKind::server_error);
    EXPECT_EQ(error.detail, "the provider answered with HTTP status 502 and an HTML page");
    const auto got = ReplyRun().stream_body(html);
    EXPECT_FALSE(got.committed);
    EXPECT_EQ(got.reply.error_type, "api_error");
    EXPECT_EQ(got.client.find('<'), std::string::npos);
}

// 11 and 12 hold for every stream that the grammar checker reads, in all of these tests; this one
// makes sure that the checker would notice.
TEST(Conformance, Case11_EveryFrameHasItsEventLine) {
    const auto got = ReplyRun().stream(chat_stream({R"({"content":"a"})"}));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_EQ(got.client.find("[DONE]"), std::string::npos);
    EXPECT_NE(read_anthropic_stream("data: {\"type\":\"ping\"}\n\n", false).problem, "");
    EXPECT_NE(read_anthropic_stream("event: ping\ndata: {\"type\":\"x\"}\n\n", false).problem, "");
}

TEST(Conformance, Case12_BlockIndicesAreDenseAndBlocksDoNotOverlap) {
    const auto got = ReplyRun().stream(chat_stream(
        {R"({"reasoning_content":"r"})", R"({"content":"a"})",
         R"({"tool_calls":[{"index":3,"id":"x","function":{"name":"T","arguments":"{}"}}]})",
         R"({"content":"b"})", R"({"reasoning_content":"s"})"}));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_EQ(got.reply.shape(), "thinking[r] text[a] tool_use:T{} text[b] thinking[s]");
    const std::string gap =
        "event: content_block_start\ndata: {\"type\":\"content_block_start\","
        "\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
    const auto start = got.client.substr(0, got.client.find("\n\n") + 2);
    EXPECT_NE(read_anthropic_stream(start + gap, false).problem, "");
}

TEST(Conformance, Case13_OneMessageDeltaAndOneMessageStop) {
    const auto got = ReplyRun().stream(chat_stream({R"({"content":"a"})"}) +
                                       chat_stream({R"({"content":"late"})"}));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_TRUE(got.reply.finished);
    EXPECT_EQ(got.reply.shape(), "text[a]");
}

TEST(Conformance, Case14_MessageStartIsWhole) {
    const auto got = ReplyRun().stream(chat_stream({R"({"content":"a"})"}));
    EXPECT_EQ(got.reply.id, "msg_test");
    EXPECT_EQ(got.reply.model, "claude-test");
    EXPECT_EQ(got.reply.start_usage,
              R"({"input_tokens":1000,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,)"
              R"("output_tokens":0,"server_tool_use":null})");
}

TEST(Conformance, Case15_LongSilenceGivesPingsAndWithin30SomethingElse) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->on(chat::ReasoningDelta{{"hm"}});
    writer->output().clear();
    int in_a_row = 0;
    int most = 0;
    for (int i = 0; i < 160; ++i) {  // 40 minutes of 15 s
        writer->ping();
        in_a_row = writer->output().starts_with("event: ping\n") ? in_a_row + 1 : 0;
        most = std::max(most, in_a_row);
        writer->output().clear();
    }
    EXPECT_EQ(most, 25);
    writer->on(chat::TextDelta{{"a"}});
    writer->on(chat::Ended{true});
    EXPECT_NE(writer->output().find("message_stop"), std::string::npos);
}

TEST(Conformance, Case15_SilenceBeforeAnyContentOpensAThinkingBlockInTheEnd) {
    ReplyRun run;
    const auto writer = run.writer();
    for (int i = 0; i < 25; ++i)
        writer->ping();
    EXPECT_FALSE(writer->committed());
    writer->ping();
    EXPECT_TRUE(writer->committed());
    writer->on(chat::TextDelta{{"a"}});
    writer->on(chat::Finished{});
    writer->on(chat::Ended{true});
    const ReadReply reply = read_anthropic_stream(writer->output());
    EXPECT_EQ(reply.problem, "");
    EXPECT_EQ(reply.pings, 25);
    EXPECT_EQ(reply.shape(), "thinking[] text[a]");
}

TEST(Conformance, Case16_PingMayPrecedeMessageStartAndSplitsNothing) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->ping();
    EXPECT_FALSE(writer->committed());
    writer->on(chat::TextDelta{{"a"}});
    writer->ping();
    writer->on(chat::TextDelta{{"b"}});
    writer->on(chat::Ended{true});
    writer->ping();
    const ReadReply reply = read_anthropic_stream(writer->output());
    EXPECT_EQ(reply.problem, "");
    EXPECT_EQ(reply.pings, 2);
    EXPECT_EQ(reply.shape(), "text[ab]");
}

}  // namespace
}  // namespace ccr::testing
