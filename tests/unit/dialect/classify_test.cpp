// SPDX-License-Identifier: MIT
// Provider failures: class, wording, secrets. See CONFORMANCE.md for the numbers.
#include "daemon/dialect/classify.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "daemon/dialect/chat_door.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

using dialect::classify;
using K = ErrorKind;

dialect::ClassifyContext context() {
    dialect::ClassifyContext out;
    out.model = "claude-test";
    out.estimated_input_tokens = 9000;
    out.context_window = 8192;
    out.max_tokens = 32000;
    return out;
}

// {"error":{"message":…,"code":…}}
Error openai(int status, std::string_view message, std::string_view code = "") {
    const std::string body = R"({"error":{"message":")" + json::escape(message) + R"(","code":")" +
                             std::string(code) + R"("}})";
    return classify(status, {}, body, context());
}

struct Case {
    int status;
    std::string_view body;
    ErrorKind kind;
};

TEST(Classify, EveryRowOfTheTable) {
    const Case cases[] = {
        // our key
        {401, R"({"error":{"message":"Incorrect API key","code":"invalid_api_key"}})", K::auth},
        {403, R"({"error":{"message":"forbidden"}})", K::auth},
        {400,
         R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}})",
         K::auth},
        {200, R"({"error":{"code":"1001","message":"Header auth missing"}})", K::auth},
        {200, R"({"base_resp":{"status_code":1004,"status_msg":"login fail"}})", K::auth},
        // money
        {402, R"({"error":{"message":"Insufficient Balance"}})", K::billing},
        {429,
         R"({"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}})",
         K::billing},
        {429, R"({"error":{"message":"x","code":"billing_hard_limit_reached"}})", K::billing},
        {429, R"({"error":{"code":"1113","message":"arrears"}})", K::billing},
        {429, R"({"error":{"code":"1308","message":"used up"}})", K::billing},
        {429, R"({"error":{"type":"exceeded_current_quota_error","message":"x"}})", K::billing},
        {403, R"({"error":{"message":"You've reached your usage limit for this billing cycle"}})",
         K::billing},
        {200, R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})",
         K::billing},
        {429, R"([{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[
            {"violations":[{"quotaId":"GenerateRequestsPerDayPerProject"}]}]}}])",
         K::billing},
        {400, R"({"type":"error","error":{"type":"invalid_request_error",
            "message":"Your credit balance is too low to access the API"}})",
         K::billing},
        // rate
        {429, R"({"error":{"message":"slow"}})", K::rate_limited},
        {429, R"({"error":{"code":"1302","message":"concurrency"}})", K::rate_limited},
        {200, R"({"error":{"code":"1305","message":"busy"}})", K::rate_limited},
        {429, R"({"error":{"type":"rate_limit_reached_error","message":"x"}})", K::rate_limited},
        {200, R"({"base_resp":{"status_code":1002,"status_msg":"rate limit"}})", K::rate_limited},
        {400, R"({"code":"Throttling.RateQuota","message":"Requests rate limit"})",
         K::rate_limited},
        // overload
        {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
         K::overloaded},
        {503, "", K::overloaded},
        {429, R"({"error":{"type":"engine_overloaded_error","message":"x"}})", K::overloaded},
        {429, R"({"error":{"code":"1312","message":"x"}})", K::overloaded},
        {500, R"({"error":{"code":"server_is_overloaded","message":"x"}})", K::overloaded},
        {498, R"({"error":{"message":"capacity"}})", K::overloaded},
        {503, R"([{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}])", K::overloaded},
        // time
        {408, "", K::timeout},
        {504, "<html>gateway</html>", K::timeout},
        {524, "", K::timeout},
        {200, R"({"base_resp":{"status_code":1001,"status_msg":"timeout"}})", K::timeout},
        // server
        {500, R"({"error":{"message":"boom","type":"server_error"}})", K::server_error},
        {502, "<html>bad gateway</html>", K::server_error},
        {520, "", K::server_error},
        {200, R"({"base_resp":{"status_code":1033,"status_msg":"x"}})", K::server_error},
        {200, R"({"error":{"code":"1234","message":"network"}})", K::server_error},
        {200, R"({"error":"something broke"})", K::server_error},
        {200, R"({"error":{"type":"invalid_request_error","message":"bad"}})", K::rejected},
        {401, R"({"error":{"type":"invalid_request_error","message":"bad"}})", K::auth},
        // the model
        {404, R"({"error":{"message":"The model `x` does not exist","code":"model_not_found"}})",
         K::model_missing},
        {403, R"({"error":{"message":"no access","code":"model_not_found"}})", K::model_missing},
        {404, R"({"error":{"message":"No endpoints found for x","code":404}})", K::model_missing},
        {400, R"({"error":{"message":"x/y is not a valid model ID","code":400}})",
         K::model_missing},
        {400, R"({"error":{"code":"1211","message":"unknown model"}})", K::model_missing},
        {404, R"({"error":"model 'x' not found"})", K::model_missing},
        // content
        {400, R"({"error":{"message":"x","code":"content_policy_violation"}})", K::policy},
        {400, R"({"error":{"message":"x","code":"content_filter",
            "innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
         K::policy},
        {400, R"({"error":{"code":"1301","message":"sensitive"}})", K::policy},
        {200, R"({"base_resp":{"status_code":1026,"status_msg":"sensitive"}})", K::policy},
        {400, R"({"code":"DataInspectionFailed","message":"x"})", K::policy},
        {403, R"({"error":{"message":"Your input was flagged","code":403}})", K::policy},
        // the request
        {400, R"({"error":{"message":"bad temperature","type":"invalid_request_error"}})",
         K::rejected},
        {422, R"({"detail":[{"loc":["body","top_p"],"msg":"too high"}]})", K::rejected},
        {413, "", K::too_large},
        {400, R"({"error":{"message":"total message size 3000000 exceeds limit 2097152"}})",
         K::too_large},
        {400, R"({"error":{"message":"Failed to call a function.","code":"tool_use_failed",
            "failed_generation":"<x>"}})",
         K::malformed},
    };
    for (const Case& row : cases) {
        const Error error = classify(row.status, {}, row.body, context());
        EXPECT_EQ(traits(error.kind).name, traits(row.kind).name) << row.status << " " << row.body;
        EXPECT_FALSE(error.detail.empty()) << row.body;
    }
}

TEST(Conformance, Case71_ContextOverflowInEveryWording) {
    const std::string_view wordings[] = {
        "prompt is too long: 210000 tokens > 200000 maximum",
        "Input is too long for requested model.",
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        "130001 tokens.",
        "The input exceeds the context window of this model",
        "litellm.ContextWindowExceededError: x",
        "The prompt is longer than the maximum model length of 4096",
        "prompt longer than the model's context length",
        "the request exceeds the available context size (4096 tokens), try increasing it",
        "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
        "Invalid request: Your request exceeded model token limit: 262144 (requested: 270000)",
        "Input token length too long",
        "Input tokens exceed the configured limit of 272000 tokens.",
        "exceeds maximum context limit",
        "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
        "Prompt exceeds max length",
        "tokens in request more than max tokens allowed",
        "Range of input length should be [1, 129024]",
        "context window exceeds limit",
        "requested 9000 tokens, but model only supports up to 8192",
        "Please reduce the length of the messages or completion.",
        "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
        "context exceeds your deployment",
        "Trying to keep the first 9000 tokens when context the overflows. However, the model is "
        "loaded with context length of only 4096 tokens",
        "The context size has been exceeded",
        "You requested a total of 9000 tokens",
    };
    for (const std::string_view wording : wordings) {
        for (const int status : {400, 413, 500}) {
            const Error error = openai(status, wording);
            ASSERT_EQ(traits(error.kind).name, "context_overflow") << wording;
            long long tokens = 0;
            long long limit = 0;
            ASSERT_EQ(
                std::sscanf(error.detail.c_str(), "prompt is too long: %lld tokens > %lld maximum",
                            &tokens, &limit),
                2)
                << error.detail;
            EXPECT_GT(tokens, limit) << error.detail;
        }
    }
    EXPECT_EQ(openai(400, wordings[0]).detail, wordings[0]);
    EXPECT_EQ(openai(400, wordings[2]).detail,
              "prompt is too long: 130001 tokens > 128000 maximum");
    EXPECT_EQ(openai(400, wordings[9]).detail,
              "prompt is too long: 270000 tokens > 262144 maximum");
    EXPECT_EQ(openai(400, "x", "context_length_exceeded").detail,
              "prompt is too long: 9000 tokens > 8192 maximum");
    EXPECT_EQ(openai(400, "too long", "1261").kind, K::context_overflow);
}

TEST(Conformance, Case71_ContextOverflowInsideAReply) {
    ReplyRun run;
    run.classify = context();
    const auto vllm = run.stream(frame(
        R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4900 in the messages, 100 in the completion).","type":"BadRequestError","code":400})"));
    EXPECT_EQ(vllm.reply.error_message, "prompt is too long: 5000 tokens > 4096 maximum");
    EXPECT_EQ(vllm.reply.error_type, "invalid_request_error");
    const auto llama = run.stream_body(
        R"({"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5001,"n_ctx":4096}})");
    EXPECT_EQ(llama.reply.error_message, "prompt is too long: 5001 tokens > 4096 maximum");
    // LM Studio: nothing at all, but the prompt filled the window.
    const auto empty = run.stream(chat_stream({}).insert(
        0, frame(R"({"choices":[],"usage":{"prompt_tokens":8192,"completion_tokens":0}})")));
    EXPECT_EQ(empty.reply.error_message, "prompt is too long: 8193 tokens > 8192 maximum");
}

TEST(Classify, NoContextOverflowWhereAStringIsTooLong) {
    EXPECT_EQ(openai(400, "string too long. Expected a string with maximum length 64").kind,
              K::rejected);
}

TEST(Conformance, Case72_TooMuchOutputInTheSentenceThatClientsParse) {
    EXPECT_EQ(openai(400,
                     "This model's maximum context length is 8192 tokens. However, you "
                     "requested 9000 tokens (5000 in the messages, 4000 in the completion). "
                     "Please reduce the length of the messages or completion.")
                  .detail,
              "input length and `max_tokens` exceed context limit: 5000 + 4000 > 8192");
    EXPECT_EQ(openai(400,
                     "'max_tokens' or 'max_completion_tokens' is too large: 32000. This "
                     "model's maximum context length is 32768 tokens and your request has "
                     "9000 input tokens")
                  .detail,
              "input length and `max_tokens` exceed context limit: 9000 + 32000 > 32768");
    const std::string cap =
        "max_tokens: 32000 > 16384, which is the maximum allowed number of output tokens for "
        "claude-test";
    EXPECT_EQ(openai(400,
                     "max_tokens is too large: 32000. This model supports at most 16384 "
                     "completion tokens, whereas you provided 32000.")
                  .detail,
              cap);
    EXPECT_EQ(
        openai(400, "Invalid max_tokens value, the valid range of max_tokens is [1, 16384]").detail,
        cap);
    EXPECT_EQ(openai(400, "`max_completion_tokens` must be less than or equal to `16384`").detail,
              cap);
    const std::string anthropic =
        "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000";
    EXPECT_EQ(openai(400, anthropic + ", decrease input length").kind, K::max_tokens);
}

TEST(Classify, RejectedFeaturesAreNamedByTheirToken) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"messages.3.role: Input should be 'user' or 'assistant'", "mid_conv_system"},
        {"Unknown parameter: 'input[0].content[0].prompt_cache_breakpoint'.",
         "cache_control_field"},
        {"tools.0.cache_control: Extra inputs are not permitted", "cache_control_field"},
        {"messages.1.content.0: Invalid `signature` in `thinking` block", "thinking_signature"},
        {"thinking.type: adaptive is not supported on this model", "thinking_type:adaptive"},
        {"\"thinking.type.enabled\" is not supported for this model", "thinking_type:enabled"},
        {"response_format json_schema is not supported", "structured_outputs_unsupported"},
        {"Unsupported value: 'reasoning_effort' does not support 'minimal'", "effort_unsupported"},
        {"too many images: 120 > 100", "media_budget"},
        {"This model does not support image input", "image_block"},
        {"x is not a multimodal model", "image_block"},
        {"This model does not support PDF input", "document_block"},
        {"capability_rejected: beta_header:x-1", "beta_header:x-1"},
    };
    for (const auto& [message, token] : rows) {
        const Error error = openai(400, message);
        EXPECT_EQ(traits(error.kind).name, "capability") << message;
        EXPECT_EQ(error.detail, "capability_rejected: " + std::string(token));
    }
    EXPECT_EQ(openai(400, "image could not be decoded").kind, K::rejected);
    EXPECT_EQ(openai(400, "thinking budget must be >= 1024").kind, K::rejected);
}

TEST(Conformance, Case78_AProvidersUnauthorizedIsNotTheClients) {
    const Error error = openai(401, "Incorrect API key provided: sk-abcdef1234567890");
    EXPECT_EQ(error.kind, K::auth);
    EXPECT_EQ(traits(error.kind).status, 502);
    EXPECT_EQ(traits(error.kind).wire_type, "api_error");
    EXPECT_EQ(error.detail.find("sk-abc"), std::string::npos);
    EXPECT_EQ(error.upstream_status, 401);
}

TEST(Conformance, Case79_UsedUpQuotaIsNotARateLimit) {
    EXPECT_EQ(openai(429, "You exceeded your current quota", "insufficient_quota").kind,
              K::billing);
}

TEST(Conformance, Case74_ErrorFramesOfEveryShapeBecomeOneErrorEvent) {
    struct Shape {
        std::string text;
        bool told;  // in OpenAI's words: its clients look for an error member
    };
    const Shape shapes[] = {
        {frame(R"({"error":{"message":"down","code":503}})"), true},
        {frame(R"({"error":"down"})"), true},
        {frame(R"({"object":"error","message":"down","code":503})"), false},
        {frame(R"({"type":"error","error":{"type":"overloaded_error","message":"down"}})"), true},
        {"event: error\ndata: {\"message\":\"down\"}\n\n", false},
        {"event: error\ndata: down\n\n", false},
        {frame(R"({"choices":[{"index":0,"delta":{},"finish_reason":"error"}],)"
               R"("error":{"message":"down"}})"),
         true},
        {frame(R"({"base_resp":{"status_code":1000,"status_msg":"down"}})"), false},
        {frame(R"({"code":"1302","message":"down"})"), false},
        {frame(R"({"detail":"down"})"), false},
        {frame(R"([{"error":{"code":503,"message":"down"}}])"), false},
        {"{\"error\":{\"message\":\"down\"}}\n", false},
    };
    for (const auto& [shape, told] : shapes) {
        const auto got = ReplyRun().stream(delta_frame(R"({"content":"a"})") + shape +
                                           delta_frame(R"({"content":"never"})"));
        EXPECT_EQ(got.reply.problem, "") << shape;
        EXPECT_EQ(got.reply.shape(), "text[a]") << shape;
        EXPECT_EQ(got.reply.error_message, "down") << shape;
        EXPECT_FALSE(got.reply.finished) << shape;
        // Before any content it is one failure, for another provider to make good.
        const auto first = ReplyRun().stream(shape);
        EXPECT_FALSE(first.committed) << shape;
        EXPECT_TRUE(first.events.starts_with("failed ")) << shape << first.events;
        // On its way through to a client of the same format it is seen all the same.
        json::Document scratch;
        const dialect::Profile profile;
        const auto tap = dialect::chat_door::tap({&profile, &scratch, {}});
        tap->feed(delta_frame(R"({"content":"a"})") + shape);
        tap->finish();
        ASSERT_TRUE(tap->error()) << shape;
        EXPECT_EQ(tap->error()->detail, "down") << shape;
        EXPECT_EQ(tap->told(), told) << shape;
        EXPECT_FALSE(tap->complete()) << shape;
    }
}

TEST(Conformance, Case73_ABrokenStreamIsNeverFakedAsAnEnd) {
    for (const bool clean : {true, false}) {
        const auto got = ReplyRun().stream(delta_frame(R"({"content":"a"})"), 0, clean);
        EXPECT_EQ(got.reply.problem, "");
        EXPECT_FALSE(got.reply.finished);
        EXPECT_EQ(got.reply.error_type, "api_error");
        EXPECT_EQ(got.client.find("message_stop"), std::string::npos);
        EXPECT_EQ(got.client.find("stop_reason\":\""), std::string::npos);
    }
}

TEST(Sanitise, MasksCredentialsAndDropsMarkup) {
    const auto masked = [](std::string_view text) { return dialect::sanitise(text); };
    EXPECT_EQ(masked("key sk-proj-abcDEF123456 is wrong"), "key [redacted] is wrong");
    EXPECT_EQ(masked("Authorization: Bearer abc.def-123"), "Authorization: [redacted]");
    EXPECT_EQ(masked("?key=AIzaSyA1234567890 bad"), "?key=[redacted] bad");
    EXPECT_EQ(masked("user arn:aws:iam::123456789012:user/x may not"), "user [redacted] may not");
    EXPECT_EQ(masked("in organization org-AbCdEf123456 on"), "in organization [redacted] on");
    EXPECT_EQ(masked("a task-force, risk-free"), "a task-force, risk-free");
    EXPECT_EQ(masked("<html><body>secret</body></html>"), "");
    EXPECT_EQ(masked("two\n\n  lines\x01"), "two lines ");
    EXPECT_LE(masked(std::string(100000, 'x')).size(), 2010U);
    EXPECT_EQ(masked("caf\xE9"), "caf?");
}

TEST(Classify, AnErrorEventThatIsNoJsonHasWords) {
    EXPECT_EQ(dialect::error_in_words("out of memory").detail, "out of memory");
    for (const std::string_view data :
         {std::string_view("\0\0", 2), std::string_view("<html>x"), std::string_view(" ")}) {
        const Error error = dialect::error_in_words(data);
        EXPECT_EQ(error.kind, K::server_error);
        EXPECT_EQ(error.detail, "the provider's stream tells of an error without words");
    }
}

TEST(Classify, AnyBytesGiveAnError) {
    for (const std::string_view body :
         {"", "null", "[]", "{}", "\"x\"", "{\"error\":null}", "{\"error\":", "\xff\xfe", "0"}) {
        const Error error = classify(500, {}, body, {});
        EXPECT_EQ(error.kind, K::server_error) << body;
        EXPECT_FALSE(error.detail.empty()) << body;
    }
}

}  // namespace
}  // namespace ccr::testing
