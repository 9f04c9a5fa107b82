// SPDX-License-Identifier: MIT
// Content blocks of kinds that only Anthropic's format has, when an answer in it is decoded for a
// filter's sake: the client gets them as the provider wrote them.
#include <gtest/gtest.h>

#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

std::string event(std::string_view type, std::string_view members) {
    std::string out = "event: ";
    out.append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
    return out.append(members).append("}\n\n");
}

std::string block(int index, std::string_view start, std::string_view piece = {}) {
    const std::string at = ",\"index\":" + std::to_string(index);
    std::string out = event("content_block_start", at + ",\"content_block\":" + std::string(start));
    if (!piece.empty()) {
        out += event("content_block_delta", at + ",\"delta\":" + std::string(piece));
    }
    return out + event("content_block_stop", at);
}

constexpr std::string_view redacted = R"({"type":"redacted_thinking","data":"EmwK=="})";
constexpr std::string_view search =
    R"({"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}})";
constexpr std::string_view query =
    R"({"type":"input_json_delta","partial_json":"{\"query\":\"a \\\"b\\\"\"}"})";
constexpr std::string_view asked =
    R"({"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"a \"b\""}})";
constexpr std::string_view found =
    R"({"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"n":1.50}]})";
constexpr std::string_view text = R"({"type":"text","text":"so"})";

std::string stream() {
    return event("message_start", R"(,"message":{"id":"m","model":"m","usage":{}})") +
           block(0, redacted) + block(1, search, query) + block(2, found) + block(3, text) +
           event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{})") +
           event("message_stop", "");
}

std::string body(std::string_view between) {
    std::string out = R"({"id":"m","type":"message","model":"m","content":[)";
    for (const std::string_view each : {redacted, asked, found, text})
        out.append(each).append(each == text ? "" : ",").append(between);
    return out + R"(],"stop_reason":"end_turn","usage":{}})";
}

std::string content_of(const std::string& reply) {
    json::Document document;
    return std::string(document.parse_view(reply).value()["content"].raw());
}

const std::string whole = "[" + std::string(redacted) + "," + std::string(asked) + "," +
                          std::string(found) + "," + std::string(text) + "]";

TEST(ForeignBlocks, ReachAStreamingClient) {
    for (const std::size_t cut : {0U, 1U, 7U}) {
        ReplyRun run;
        run.anthropic_provider = true;
        const auto got = run.stream(stream(), cut);
        ASSERT_EQ(got.reply.problem, "");
        ASSERT_EQ(got.reply.blocks.size(), 4U) << got.client;
        EXPECT_EQ(got.reply.blocks[0].text, redacted);
        EXPECT_EQ(got.reply.blocks[1].text, search);
        EXPECT_EQ(got.reply.blocks[1].input, R"({"query":"a \"b\""})");
        EXPECT_EQ(got.reply.blocks[2].text, found);
        EXPECT_EQ(got.reply.blocks[3].text, "so");
        EXPECT_EQ(got.reply.stop_reason, "end_turn");
    }
}

TEST(ForeignBlocks, AreFoldedIntoABody) {
    ReplyRun run;
    run.anthropic_provider = true;
    const auto folded = run.fold(stream());
    ASSERT_TRUE(folded) << folded.error().chain();
    EXPECT_EQ(content_of(*folded), whole);
}

TEST(ForeignBlocks, OfABodyToo) {
    ReplyRun run;
    run.anthropic_provider = true;
    const auto folded = run.fold_body(body(""));
    ASSERT_TRUE(folded) << folded.error().chain();
    EXPECT_EQ(content_of(*folded), whole);
    // In a stream each frame is one line, however the body was laid out.
    const auto got = run.stream_body(body("\r\n  "));
    EXPECT_EQ(got.reply.problem, "");
    ASSERT_EQ(got.reply.blocks.size(), 4U);
    EXPECT_EQ(got.reply.blocks[1].text, asked);
    EXPECT_EQ(got.reply.blocks[1].input, "");
}

TEST(ForeignBlocks, DoNotCutACallInTwo) {
    const std::string call = R"({"type":"tool_use","id":"toolu_1","name":"t","input":{}})";
    const std::string start = ",\"index\":0,\"content_block\":" + call;
    const auto piece = [](std::string_view json) {
        return event("content_block_delta",
                     R"(,"index":0,"delta":{"type":"input_json_delta","partial_json":")" +
                         std::string(json) + "\"}");
    };
    ReplyRun run;
    run.anthropic_provider = true;
    const auto got =
        run.stream(event("message_start", R"(,"message":{"id":"m","model":"m","usage":{}})") +
                   event("content_block_start", start) + piece("{") + block(1, redacted) +
                   piece("}") + event("content_block_stop", ",\"index\":0") +
                   event("message_delta", R"(,"delta":{"stop_reason":"tool_use"},"usage":{})") +
                   event("message_stop", ""));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_EQ(got.reply.shape(), "tool_use:t{} redacted_thinking[" + std::string(redacted) + "]");
}

}  // namespace
}  // namespace ccr::testing
