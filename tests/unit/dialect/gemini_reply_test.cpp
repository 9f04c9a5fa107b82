// SPDX-License-Identifier: MIT
// Replies and errors in Gemini's own format: what the recorded streams do not show.
#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/gemini.hpp"
#include "tests/testing/reply_run.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using namespace std::chrono_literals;

class GeminiReply : public ::testing::Test {
  protected:
    GeminiReply() {
        run.profile = *profile_named("gemini-native");
        run.context.reasoning_family = "gemini";
    }
    testing::ReplyRun run;
};

TEST_F(GeminiReply, FoldsABody) {
    const auto body = run.fold_body(R"({
  "candidates": [{"content": {"parts": [
      {"text": "Hm.", "thought": true},
      {"text": "So.", "thoughtSignature": "U0lH"},
      {"functionCall": {"name": "f", "args": {"a": [1, 2.50]}}}], "role": "model"},
    "finishReason": "STOP", "index": 0}],
  "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 2, "thoughtsTokenCount": 3,
    "toolUsePromptTokenCount": 5, "cachedContentTokenCount": 4},
  "modelVersion": "gemini-3-pro", "responseId": "r"})");
    ASSERT_TRUE(body) << body.error().detail;
    json::Document document;
    const auto message = document.parse_view(*body);
    ASSERT_TRUE(message);
    const json::Value content = (*message)["content"];
    ASSERT_EQ(content.size(), 3U);
    EXPECT_EQ(content.at(0)["thinking"].str(), "Hm.");
    const auto envelope = unseal("key", content.at(0)["signature"].str());
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->payload, "xU0lH");
    EXPECT_EQ(content.at(1)["text"].str(), "So.");
    EXPECT_EQ(testing::compact(content.at(2)["input"].raw()), R"({"a":[1,2.50]})");
    EXPECT_EQ((*message)["stop_reason"].str(), "tool_use");
    const json::Value usage = (*message)["usage"];
    EXPECT_EQ(usage["input_tokens"].integer(), 11);
    EXPECT_EQ(usage["cache_read_input_tokens"].integer(), 4);
    EXPECT_EQ(usage["output_tokens"].integer(), 5);
}

// What a stream is without alt=sse.
TEST_F(GeminiReply, ReadsAnArrayOfChunks) {
    const auto got = run.stream_body(
        R"([{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"responseId":"r"},)"
        R"({"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}])");
    EXPECT_EQ(got.events, "started r \ntext a\ntext b\nfinished 0\nended complete\n");
}

TEST_F(GeminiReply, Conformance_Case28_FailuresAreNoStops) {
    for (const std::string_view word :
         {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"}) {
        const auto got = run.stream(testing::frame(
            R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":")" +
            std::string(word) + R"("}]})"));
        EXPECT_NE(got.events.find("failed malformed"), std::string::npos) << got.events;
    }
}

TEST_F(GeminiReply, Conformance_Case25_StopReasons) {
    struct Case {
        const char* word;
        const char* stop;
    };
    for (const Case& c : {Case{"STOP", "end_turn"}, Case{"MAX_TOKENS", "max_tokens"},
                          Case{"CONTINUATION", "max_tokens"}, Case{"RECITATION", "refusal"},
                          Case{"BLOCKLIST", "refusal"}, Case{"SPII", "refusal"},
                          Case{"IMAGE_SAFETY", "refusal"}, Case{"LANGUAGE", "refusal"},
                          Case{"OTHER", "end_turn"}, Case{"SOMETHING_NEW", "end_turn"}}) {
        const auto body =
            run.fold_body(R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":")" +
                          std::string(c.word) + R"("}]})");
        ASSERT_TRUE(body) << c.word;
        EXPECT_EQ(testing::member(*body, "stop_reason"), '"' + std::string(c.stop) + '"') << c.word;
    }
}

TEST_F(GeminiReply, Conformance_Case73_AStreamWithoutAFinishReasonIsBroken) {
    const auto got = run.stream(
        testing::frame(R"({"candidates":[{"content":{"parts":[{"text":"a"}]}}]})"), 0, true);
    EXPECT_NE(got.client.find("event: error"), std::string::npos);
    EXPECT_EQ(got.client.find("message_stop"), std::string::npos);
}

TEST_F(GeminiReply, Conformance_Case56_CallsWithoutIdsGetThem) {
    const auto body = run.fold_body(
        R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}},)"
        R"({"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP"}]})");
    ASSERT_TRUE(body);
    json::Document document;
    const auto content = (*document.parse_view(*body))["content"];
    EXPECT_NE(content.at(0)["id"].str(), content.at(1)["id"].str());
    EXPECT_TRUE(content.at(0)["id"].str().starts_with("toolu_"));
}

TEST_F(GeminiReply, CallsInPiecesAreRefused) {
    const auto got = run.stream(testing::frame(
        R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true,)"
        R"("partialArgs":[{"jsonPath":"$.a","stringValue":"x"}]}}]}}]})"));
    EXPECT_NE(got.events.find("failed malformed"), std::string::npos);
}

TEST_F(GeminiReply, BodiesThatAreNoReply) {
    EXPECT_FALSE(run.fold_body("<html>").has_value());
    EXPECT_FALSE(run.fold_body("").has_value());
    EXPECT_FALSE(run.fold_body("{}").has_value());
}

struct ErrorCase {
    int status;
    const char* body;
    ErrorKind kind;
    const char* detail;
};

TEST(GeminiErrors, AreClassified) {
    const std::vector<ErrorCase> cases{
        {429,
         R"({"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED",)"
         R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}})",
         ErrorKind::rate_limited, "Resource exhausted."},
        {429,
         R"([{"error":{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED",)"
         R"("details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":)"
         R"([{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}])",
         ErrorKind::billing, "Quota exceeded."},
        {400,
         R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.",)"
         R"("status":"INVALID_ARGUMENT"}})",
         ErrorKind::auth, nullptr},
        {404, R"({"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}})",
         ErrorKind::model_missing, "model: claude"},
        {503,
         R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})",
         ErrorKind::overloaded, "The model is overloaded."},
        {400,
         R"({"error":{"code":400,"message":"The input token count (1300000) exceeds the maximum )"
         R"(number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}})",
         ErrorKind::context_overflow, "prompt is too long: 1300000 tokens > 1048576 maximum"},
        {400,
         R"({"error":{"code":400,"message":"Function call is missing a thought_signature in )"
         R"(functionCall parts.","status":"INVALID_ARGUMENT"}})",
         ErrorKind::capability, "capability_rejected: thinking_signature"},
        {400,
         R"({"error":{"code":400,"message":"Invalid JSON payload received. Unknown name )"
         R"(\"parametersJsonSchema\" at 'tools[0].function_declarations[0]'",)"
         R"("status":"INVALID_ARGUMENT"}})",
         ErrorKind::capability, "capability_rejected: tool_schema"},
        {400,
         R"({"error":{"code":400,"message":"Thinking level MEDIUM is not available.",)"
         R"("status":"INVALID_ARGUMENT"}})",
         ErrorKind::capability, "capability_rejected: effort_unsupported"},
        {400,
         R"({"error":{"code":400,"message":"Please use a valid role.",)"
         R"("status":"INVALID_ARGUMENT"}})",
         ErrorKind::rejected, "Please use a valid role."},
    };
    ClassifyContext context;
    context.model = "claude";
    for (const ErrorCase& c : cases) {
        const Error error = gemini::classify(c.status, {}, c.body, context);
        EXPECT_EQ(error.kind, c.kind) << c.body;
        if (c.detail != nullptr) EXPECT_EQ(error.detail, c.detail);
    }
    EXPECT_EQ(gemini::classify(429, {}, cases[0].body, context).retry_after, 34s);
}

}  // namespace
}  // namespace ccr::dialect
