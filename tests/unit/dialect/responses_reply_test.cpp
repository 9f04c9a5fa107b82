// SPDX-License-Identifier: MIT
// Replies and errors in the Responses format: what the recorded streams do not show.
#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/responses.hpp"
#include "tests/testing/reply_run.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::frame;

class ResponsesReply : public ::testing::Test {
  protected:
    ResponsesReply() {
        run.profile = *testing::profile_of("responses:openai", "gpt-5.4");
        run.context.reasoning_family = "openai";
    }
    testing::ReplyRun run;
};

std::string text_delta(std::string_view text) {
    return frame(R"({"type":"response.output_text.delta","output_index":0,"delta":")" +
                 std::string(text) + R"("})");
}

std::string over(std::string_view response) {
    return frame(R"({"type":"response.completed","response":)" + std::string(response) + "}");
}

TEST_F(ResponsesReply, FoldsABody) {
    const auto body = run.fold_body(R"({
  "id": "resp_1", "object": "response", "status": "completed", "error": null, "model": "gpt-5.4",
  "output": [
    {"type": "reasoning", "id": "rs_1", "encrypted_content": "gA==",
     "summary": [{"type": "summary_text", "text": "Hm."}, {"type": "summary_text", "text": "So."}]},
    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
     "content": [{"type": "output_text", "text": "I \"look\".", "annotations": []}]},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f",
     "arguments": "{\"a\":[1,2.50]}"}],
  "usage": {"input_tokens": 20, "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 3}}})");
    ASSERT_TRUE(body) << body.error().detail;
    json::Document document;
    const auto message = document.parse_view(*body);
    ASSERT_TRUE(message);
    const json::Value content = (*message)["content"];
    ASSERT_EQ(content.size(), 3U);
    EXPECT_EQ(content.at(0)["thinking"].str(), "Hm.\n\nSo.");
    const auto envelope = unseal("key", content.at(0)["signature"].str());
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->family, "openai");
    EXPECT_EQ(envelope->payload, "rrs_1 gA==");
    EXPECT_EQ(content.at(1)["text"].str(), "I \"look\".");
    EXPECT_EQ(content.at(2)["id"].str(), "call_1");
    EXPECT_EQ(testing::compact(content.at(2)["input"].raw()), R"({"a":[1,2.50]})");
    EXPECT_EQ((*message)["stop_reason"].str(), "tool_use");
    const json::Value usage = (*message)["usage"];
    EXPECT_EQ(usage["input_tokens"].integer(), 16);
    EXPECT_EQ(usage["cache_read_input_tokens"].integer(), 4);
    EXPECT_EQ(usage["output_tokens"].integer(), 5);
    EXPECT_EQ(usage["output_tokens_details"]["thinking_tokens"].integer(), 3);
}

TEST_F(ResponsesReply, Conformance_Case53_NothingIsLostAndNothingSaidTwice) {
    const std::string added =
        frame(R"({"type":"response.output_item.added","output_index":0,"item":{"id":"fc_1",)"
              R"("type":"function_call","call_id":"c1","name":"f","arguments":""}})");
    const std::string delta =
        frame(R"({"type":"response.function_call_arguments.delta","output_index":0,)"
              R"("delta":"{\"a\":1}"})");
    const std::string done =
        frame(R"({"type":"response.function_call_arguments.done","output_index":0,)"
              R"("arguments":"{\"a\":1}"})");
    const std::string item = R"({"id":"other","type":"function_call","call_id":"c1","name":"f",)"
                             R"("arguments":"{\"a\":1}"})";
    const std::string item_done =
        frame(R"({"type":"response.output_item.done","output_index":0,"item":)" + item + "}");
    const std::string end = over(R"({"id":"r","status":"completed","output":[]})");
    const std::string whole = over(R"({"id":"r","status":"completed","output":[)" + item + "]}");
    for (const std::string& stream : {added + delta + done + item_done + whole, added + delta + end,
                                      added + done + end, added + item_done + end, added + whole,
                                      item_done + end, whole, delta + item_done + end}) {
        const auto got = run.stream(stream);
        EXPECT_NE(got.client.find(R"("partial_json":"{\"a\":1}")"), std::string::npos) << stream;
        const auto first = got.client.find("partial_json");
        EXPECT_EQ(got.client.find("partial_json", first + 1), std::string::npos) << stream;
        EXPECT_NE(got.client.find(R"("name":"f")"), std::string::npos) << stream;
        EXPECT_NE(got.client.find(R"("stop_reason":"tool_use")"), std::string::npos) << stream;
    }
}

TEST_F(ResponsesReply, Conformance_Case47_InterleavedCallsStayApart) {
    std::string stream;
    for (const char* key : {"0", "1"}) {
        stream +=
            frame(R"({"type":"response.output_item.added","output_index":)" + std::string(key) +
                  R"(,"item":{"type":"function_call","call_id":"c)" + key + R"(","name":"f"}})");
    }
    for (const char* piece : {"{", "\\\"a\\\":", "1}"}) {
        for (const char* key : {"0", "1"}) {
            stream += frame(R"({"type":"response.function_call_arguments.delta","output_index":)" +
                            std::string(key) + R"(,"delta":")" + piece + R"("})");
        }
    }
    const auto body = run.fold(stream + over(R"({"status":"completed","output":[]})"));
    ASSERT_TRUE(body) << body.error().detail;
    json::Document document;
    const auto content = (*document.parse_view(*body))["content"];
    ASSERT_EQ(content.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(content.at(i)["input"]["a"].integer(), 1);
}

TEST_F(ResponsesReply, ACallWithoutANameIsBroken) {
    const auto got = run.stream(
        frame(R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":"{"})") +
        over(R"({"status":"completed","output":[]})"));
    EXPECT_NE(got.events.find("failed malformed"), std::string::npos) << got.events;
}

TEST_F(ResponsesReply, Conformance_Case25_StopReasons) {
    const auto stop = [this](const std::string& more) {
        const auto body = run.fold_body(
            R"({"id":"r","output":[{"type":"message","content":[{"type":"output_text",)"
            R"("text":"a"}]}],)" +
            more + "}");
        return body ? testing::member(*body, "stop_reason") : body.error().detail;
    };
    EXPECT_EQ(stop(R"("status":"completed")"), R"("end_turn")");
    EXPECT_EQ(stop(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"),
              R"("max_tokens")");
    EXPECT_EQ(stop(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"),
              R"("refusal")");
    EXPECT_EQ(stop(R"("status":"incomplete","incomplete_details":{"reason":"something new"})"),
              R"("end_turn")");
    EXPECT_EQ(stop(R"("status":"incomplete")"), R"("end_turn")");
}

TEST_F(ResponsesReply, Conformance_Case30_AnEmptyReplyIsLegal) {
    const auto got = run.stream(over(R"({"id":"r","status":"completed","output":[]})"));
    EXPECT_EQ(got.events, "started r \nfinished 0\nended complete\n");
    EXPECT_EQ(got.reply.problem, "");
}

TEST_F(ResponsesReply, Conformance_Case32_AStopSequenceAcrossPiecesCutsTheText) {
    run.encoded.emulated_stops = {"###"};
    const auto got =
        run.stream(text_delta("one #") + text_delta("## two") + over(R"({"status":"completed"})"));
    EXPECT_NE(got.client.find(R"("stop_sequence":"###")"), std::string::npos) << got.client;
    EXPECT_EQ(got.client.find("two"), std::string::npos);
    EXPECT_TRUE(got.done);
}

TEST_F(ResponsesReply, Conformance_Case73_AStreamWithoutAnEndIsBroken) {
    const auto got = run.stream(text_delta("Half"));
    EXPECT_NE(got.client.find("event: error"), std::string::npos);
    EXPECT_EQ(got.client.find("message_stop"), std::string::npos);
}

TEST_F(ResponsesReply, Conformance_Case74_ErrorsInMidStream) {
    struct Case {
        const char* frame;
        const char* events;
    };
    const std::vector<Case> cases{
        {R"({"type":"error","code":"server_is_overloaded","message":"Overloaded."})",
         "failed overloaded: Overloaded."},
        {R"({"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded",)"
         R"("message":"Your input exceeds the context window of this model."}})",
         "failed context_overflow: "},
        {R"({"error":{"message":"gateway says no","code":"server_error"}})",
         "failed server_error: gateway says no"},
        {R"({"type":"response.failed","response":{"status":"failed","error":{"code":)"
         R"("insufficient_quota","message":"You exceeded your current quota."}}})",
         "failed billing: You exceeded your current quota."},
        {R"({"type":"response.failed","response":{"status":"failed","error":null}})",
         "failed server_error: "},
        {"nonsense", "failed malformed: "},
    };
    for (const Case& c : cases) {
        const auto got = run.stream(text_delta("Half") + "data: " + c.frame + "\n\n");
        EXPECT_NE(got.events.find(c.events), std::string::npos) << c.frame << "\n" << got.events;
        EXPECT_NE(got.client.find("event: error"), std::string::npos);
        EXPECT_EQ(got.client.find("message_stop"), std::string::npos);
    }
}

TEST_F(ResponsesReply, BodiesThatAreNoReply) {
    EXPECT_FALSE(run.fold_body("<html>").has_value());
    EXPECT_FALSE(run.fold_body("").has_value());
    EXPECT_FALSE(run.fold_body("{}").has_value());
    const auto failed = run.fold_body(
        R"({"id":"r","status":"failed","error":{"code":"server_error","message":"Sorry."},)"
        R"("output":[]})");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().detail, "Sorry.");
}

TEST_F(ResponsesReply, TheIdsOfItemsMayChange) {
    const auto got = run.stream(
        frame(
            R"({"type":"response.output_text.delta","output_index":0,"item_id":"a","delta":"x"})") +
        frame(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"b",)"
              R"("type":"message","content":[{"type":"output_text","text":"x"}]}})") +
        over(R"({"status":"completed","output":[{"id":"c","type":"message","content":)"
             R"([{"type":"output_text","text":"x"}]}]})"));
    const auto first = got.events.find("text x");
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(got.events.find("text x", first + 1), std::string::npos) << got.events;
}

TEST(ResponsesErrors, AreClassified) {
    struct Case {
        int status;
        const char* body;
        ErrorKind kind;
        const char* detail;
    };
    const std::vector<Case> cases{
        {429,
         R"({"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"Quota."}})",
         ErrorKind::billing, "Quota."},
        {400,
         R"({"error":{"type":"invalid_request_error","code":"invalid_encrypted_content",)"
         R"("message":"The encrypted content gAAA... could not be verified."}})",
         ErrorKind::capability, "capability_rejected: thinking_signature"},
        {400,
         R"({"error":{"type":"invalid_request_error","param":"input","message":"Item 'rs_1' of )"
         R"(type 'reasoning' was provided without its required following item."}})",
         ErrorKind::capability, "capability_rejected: thinking_signature"},
        {404,
         R"({"error":{"type":"invalid_request_error","message":"Item with id 'rs_1' not found."}})",
         ErrorKind::capability, "capability_rejected: thinking_signature"},
        {400,
         R"({"error":{"type":"invalid_request_error","param":"reasoning.summary","code":)"
         R"("unsupported_value","message":"Your organization must be verified to generate )"
         R"(reasoning summaries."}})",
         ErrorKind::capability, "capability_rejected: reasoning_summary"},
        {400,
         R"({"error":{"type":"invalid_request_error","code":"invalid_prompt","message":"No."}})",
         ErrorKind::policy, "No."},
        {400,
         R"({"error":{"type":"image_generation_user_error","code":"invalid_image_format",)"
         R"("message":"Bad image."}})",
         ErrorKind::rejected, "Bad image."},
        {404, R"({"error":{"code":"model_not_found","message":"The model does not exist"}})",
         ErrorKind::model_missing, "model: claude"},
        {500, R"({"error":{"type":"server_error","message":"Sorry."}})", ErrorKind::server_error,
         "Sorry."},
        {400, R"({"error":{"message":"Unknown parameter: 'foo'."}})", ErrorKind::rejected,
         "Unknown parameter: 'foo'."},
    };
    ClassifyContext context;
    context.model = "claude";
    for (const Case& c : cases) {
        const Error error = responses::classify(c.status, {}, c.body, context);
        EXPECT_EQ(error.kind, c.kind) << c.body;
        EXPECT_EQ(error.detail, c.detail) << c.body;
        EXPECT_EQ(error.upstream_status, c.status);
    }
}

}  // namespace
}  // namespace ccr::dialect
