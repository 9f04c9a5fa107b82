// SPDX-License-Identifier: MIT
// Conformance cases about text, usage, stop reasons and reasoning. See CONFORMANCE.md.
#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

constexpr std::string_view plain_end =
    R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";

std::string text_then(std::string_view chunk) {
    return delta_frame(R"({"content":"a"})") + frame(plain_end) + frame(chunk) + "data: [DONE]\n\n";
}

chat::Usage usage_of(std::string_view chunk, std::string_view profile = "openai") {
    ReplyRun run;
    run.profile = *dialect::profile_named(profile);
    return run.stream(text_then(chunk)).usage;
}

TEST(Conformance, Case17_UsageInATrailingChunkWithoutChoices) {
    const auto got = ReplyRun().stream(text_then(
        R"({"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":12,
        "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10}}})"));
    EXPECT_EQ(got.reply.shape(), "text[a]");
    EXPECT_EQ(got.reply.usage,
              R"({"input_tokens":30,"cache_creation_input_tokens":10,"cache_read_input_tokens":60,)"
              R"("output_tokens":12,"server_tool_use":null})");
}

TEST(Conformance, Case18_TheLastUsageWinsWhereverItStands) {
    const std::string sse =
        frame(
            R"({"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}})") +
        frame(
            R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}})") +
        frame(R"({"choices":[],"usage":null})") + "data: [DONE]\n\n";
    EXPECT_EQ(ReplyRun().stream(sse).usage.output_tokens, 2);
    EXPECT_EQ(
        usage_of(R"({"choices":[],"x_groq":{"usage":{"prompt_tokens":8,"completion_tokens":3}}})")
            .input_tokens,
        8);
    EXPECT_EQ(
        usage_of(
            R"({"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":9,"completion_tokens":3,"cached_tokens":4}}]})")
            .input_tokens,
        5);
    // Zeros at the very end take nothing back.
    EXPECT_EQ(
        ReplyRun()
            .stream(sse.substr(0, sse.size() - 14) +
                    frame(R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})"))
            .usage.output_tokens,
        2);
}

TEST(Conformance, Case19_NoUsageAnywhereIsEstimatedAndSaysSo) {
    const auto got = ReplyRun().stream(chat_stream({R"({"content":"twelve bytes"})"}));
    EXPECT_TRUE(got.usage.estimated);
    EXPECT_EQ(got.usage.input_tokens, 1000);
    EXPECT_EQ(got.usage.output_tokens, 3);
    EXPECT_EQ(got.reply.usage, R"({"input_tokens":1000,"output_tokens":3,"server_tool_use":null})");
}

TEST(Conformance, Case20_CachedTokensAreNotInputTokens) {
    const auto usage = usage_of(R"({"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":1,
        "prompt_tokens_details":{"cached_tokens":60}}})");
    EXPECT_EQ(usage.input_tokens, 40);
    EXPECT_EQ(usage.cache_read_tokens, 60);
    EXPECT_FALSE(usage.cache_creation_tokens.has_value());
    // All of it cached: the client keeps an estimate that is answered by 0.
    const auto all = ReplyRun().stream(text_then(R"({"choices":[],"usage":{"prompt_tokens":64,
        "completion_tokens":1,"prompt_tokens_details":{"cached_tokens":64}}})"));
    EXPECT_EQ(all.usage.input_tokens, 0);
    EXPECT_NE(all.reply.usage.find(R"("input_tokens":1,)"), std::string::npos);
}

TEST(Conformance, Case21_EveryProvidersUsageFields) {
    const auto deepseek =
        usage_of(R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1,
        "prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}})");
    EXPECT_EQ(deepseek.input_tokens, 2);
    EXPECT_EQ(deepseek.cache_read_tokens, 8);
    const auto mistral =
        usage_of(R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1,
        "num_cached_tokens":4}})");
    EXPECT_EQ(mistral.input_tokens, 6);
    constexpr std::string_view xai = R"({"choices":[],"usage":{"prompt_tokens":10,
        "completion_tokens":1,"prompt_tokens_details":{"cached_tokens":30},
        "completion_tokens_details":{"reasoning_tokens":40}}})";
    EXPECT_EQ(usage_of(xai, "xai").output_tokens, 41);
    EXPECT_EQ(usage_of(xai, "xai").input_tokens, 10);
    EXPECT_EQ(usage_of(xai, "openai").output_tokens, 1);
    EXPECT_EQ(usage_of(xai, "openai").thinking_tokens, 40);
}

TEST(Conformance, Case22_FirstChunkWithoutChoices) {
    const auto got = ReplyRun().stream(frame(R"({"choices":[],"prompt_filter_results":[]})") +
                                       chat_stream({R"({"content":"a"})"}));
    EXPECT_EQ(got.reply.shape(), "text[a]");
}

TEST(Conformance, Case23_ContentBesideFinishReasonIsKept) {
    const auto got = ReplyRun().stream(
        frame(R"({"choices":[{"index":0,"delta":{"content":"last"},"finish_reason":"stop"}]})"));
    EXPECT_EQ(got.reply.shape(), "text[last]");
    EXPECT_TRUE(got.reply.finished);
}

TEST(Conformance, Case24_TheDeltaThatOpensABlockIsKept) {
    const auto got = ReplyRun().stream(chat_stream(
        {R"({"reasoning_content":"r1"})", R"({"content":"t1"})", R"({"reasoning_content":"r2"})",
         R"({"content":"t2","reasoning_content":"r3"})"}));
    EXPECT_EQ(got.reply.shape(), "thinking[r1] text[t1] thinking[r2r3] text[t2]");
}

TEST(Conformance, Case25_FinishReasonTable) {
    const auto stop = [](std::string_view word) {
        return ReplyRun().stream(chat_stream({R"({"content":"a"})"}, word)).reply.stop_reason;
    };
    for (const std::string_view word : {"stop", "eos", "end_turn", "COMPLETE"})
        EXPECT_EQ(stop(word), "end_turn") << word;
    for (const std::string_view word : {"length", "max_tokens", "model_length", "MAX_TOKENS"})
        EXPECT_EQ(stop(word), "max_tokens") << word;
    for (const std::string_view word : {"content_filter", "sensitive", "SAFETY", "IMAGE_SAFETY"})
        EXPECT_EQ(stop(word), "refusal") << word;
    EXPECT_EQ(stop("model_context_window_exceeded"), "model_context_window_exceeded");
    EXPECT_EQ(stop("because"), "end_turn");
    const auto unknown = ReplyRun().stream(chat_stream({R"({"content":"a"})"}, "because"));
    EXPECT_NE(unknown.events.find("unknown"), std::string::npos);
    const auto filtered = ReplyRun().stream(chat_stream({}, "content_filter"));
    EXPECT_NE(filtered.client.find(
                  R"("stop_details":{"type":"refusal","category":null,"explanation":null})"),
              std::string::npos);
    const auto refused =
        ReplyRun().stream(chat_stream({R"({"refusal":"I can't "})", R"({"refusal":"do that"})"}));
    EXPECT_EQ(refused.reply.stop_reason, "refusal");
    EXPECT_EQ(refused.reply.explanation, "I can't do that");
}

TEST(Conformance, Case26_StopWithACallIsToolUse) {
    for (const std::string_view word : {"stop", "other", "tool_calls"}) {
        const auto got = ReplyRun().stream(chat_stream(
            {R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"T","arguments":"{}"}}]})"},
            word));
        EXPECT_EQ(got.reply.stop_reason, "tool_use") << word;
    }
}

TEST(Conformance, Case27_ToolCallsWithoutACallIsEndTurn) {
    const auto none = ReplyRun().stream(chat_stream({R"({"content":"a"})"}, "tool_calls"));
    EXPECT_EQ(none.reply.stop_reason, "end_turn");
    const auto nameless = ReplyRun().stream(chat_stream(
        {R"({"tool_calls":[{"index":0,"id":"c","function":{"arguments":"{}"}}]})"}, "tool_calls"));
    EXPECT_EQ(nameless.reply.stop_reason, "end_turn");
    EXPECT_EQ(nameless.reply.shape(), "");
}

TEST(Conformance, Case28_FailuresInFinishReasonAreNotStops) {
    for (const std::string_view word :
         {"error", "insufficient_system_resource", "network_error", "MALFORMED_FUNCTION_CALL"}) {
        const auto got = ReplyRun().stream(chat_stream({R"({"content":"a"})"}, word));
        EXPECT_FALSE(got.reply.finished) << word;
        EXPECT_NE(got.reply.error_type, "") << word;
        EXPECT_EQ(got.reply.problem, "") << word;
    }
}

TEST(Conformance, Case29_AMatchedStopSequenceIsNamed) {
    const auto run = [](std::string_view extra, std::vector<chat::Escaped> wanted) {
        ReplyRun reply;
        reply.request.stop_sequences = std::move(wanted);
        return reply
            .stream(frame(R"({"choices":[{"index":0,"delta":{"content":"a"},)"
                          R"("finish_reason":"stop",)" +
                          std::string(extra) + "}]}"))
            .reply;
    };
    const auto vllm = run(R"("stop_reason":"###")", {{"###"}});
    EXPECT_EQ(vllm.stop_reason, "stop_sequence");
    EXPECT_EQ(vllm.stop_sequence, "###");
    EXPECT_EQ(run(R"("matched_stop":"\n\n")", {{R"(\n\n)"}}).stop_sequence, "\n\n");
    // A token number, or a word that the client did not ask for, is the model's own end.
    EXPECT_EQ(run(R"("stop_reason":128009)", {{"###"}}).stop_reason, "end_turn");
    EXPECT_EQ(run(R"("stop_reason":"<|eot|>")", {{"###"}}).stop_reason, "end_turn");
}

TEST(Conformance, Case30_AnEmptyCompletionIsAValidStream) {
    const auto got = ReplyRun().stream(chat_stream({R"({"role":"assistant","content":""})"}));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_TRUE(got.reply.finished);
    EXPECT_TRUE(got.reply.blocks.empty());
    EXPECT_EQ(got.reply.stop_reason, "end_turn");
    const auto body = ReplyRun().fold(chat_stream({}));
    ASSERT_TRUE(body);
    EXPECT_NE(body->find(R"("content":[],"stop_reason":"end_turn")"), std::string::npos);
}

TEST(Conformance, Case31_DeltasWithoutTextOpenNoBlock) {
    const auto got = ReplyRun().stream(chat_stream(
        {R"({"role":"assistant"})", R"({"content":null})", R"({"content":""})",
         R"({"reasoning_content":""})", R"({"tool_calls":null})", R"({"content":"a"})"}));
    EXPECT_EQ(got.reply.shape(), "text[a]");
}

TEST(Conformance, Case32_EmulatedStopSequencesCutAcrossChunks) {
    ReplyRun run;
    run.encoded.emulated_stops = {"</block>", "\n\n"};
    const auto writer = run.writer();
    for (const std::string_view piece : {"a <", "/bl", "e> b </blo", "ck> never"})
        writer->on(chat::TextDelta{{piece}});
    EXPECT_TRUE(writer->done());
    const ReadReply reply = read_anthropic_stream(writer->output());
    EXPECT_EQ(reply.problem, "");
    EXPECT_EQ(reply.shape(), "text[a </ble> b ]");
    EXPECT_EQ(reply.stop_reason, "stop_sequence");
    EXPECT_EQ(reply.stop_sequence, "</block>");

    ReplyRun escaped;
    escaped.encoded.emulated_stops = {"\n\n"};
    const auto got = escaped.stream(chat_stream({R"({"content":"x\n"})", R"({"content":"\ny"})"}));
    EXPECT_EQ(got.reply.shape(), "text[x]");
    // What only looked like a beginning comes in the end.
    EXPECT_EQ(escaped.stream(chat_stream({R"({"content":"x\n"})"})).reply.shape(), "text[x\n]");
    // Tool arguments and thinking are not searched.
    const auto tool = escaped.stream(chat_stream(
        {R"({"reasoning_content":"\n\n"})",
         R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"T","arguments":"{}\n\n"}}]})"}));
    EXPECT_EQ(tool.reply.stop_reason, "tool_use");
}

TEST(Conformance, Case33_ReasoningFirstThenText) {
    const auto got =
        ReplyRun().stream(chat_stream({R"({"reasoning_content":"r"})", R"({"content":"t"})"}));
    EXPECT_EQ(got.reply.shape(), "thinking[r] text[t]");
    EXPECT_EQ(got.reply.blocks.at(0).signature, dialect::seal("key", "family", ""));
}

TEST(Conformance, Case34_ReasoningAliasesAreNotDoubled) {
    EXPECT_EQ(ReplyRun().stream(chat_stream({R"({"reasoning":"r"})"})).reply.shape(),
              "thinking[r]");
    EXPECT_EQ(ReplyRun()
                  .stream(chat_stream({R"({"reasoning":"r","reasoning_content":"r",
                      "reasoning_details":[{"type":"reasoning.text","text":"r"}]})"}))
                  .reply.shape(),
              "thinking[r]");
    EXPECT_EQ(ReplyRun()
                  .stream(chat_stream({R"({"content":[{"type":"thinking","thinking":[{"type":"text",
                      "text":"r"}]},{"type":"text","text":"t"}]})"}))
                  .reply.shape(),
              "thinking[r] text[t]");
}

TEST(Conformance, Case35_ReasoningThenToolWithoutText) {
    const auto got = ReplyRun().stream(chat_stream(
        {R"({"reasoning_content":"r"})",
         R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"T","arguments":"{}"}}]})"}));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_EQ(got.reply.shape(), "thinking[r] tool_use:T{}");
    EXPECT_EQ(got.reply.stop_reason, "tool_use");
}

TEST(Conformance, Case36_TextReasoningText) {
    const auto text = ReplyRun().stream(
        chat_stream({R"({"content":"a"})", R"({"reasoning":"r"})", R"({"content":"b"})"}));
    EXPECT_EQ(text.reply.shape(), "text[a] thinking[r] text[b]");
    const auto tool = ReplyRun().stream(chat_stream(
        {R"({"content":"a"})", R"({"reasoning":"r"})",
         R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"T","arguments":"{}"}}]})"}));
    EXPECT_EQ(tool.reply.shape(), "text[a] thinking[r] tool_use:T{}");
}

TEST(Conformance, Case37_WhiteSpaceBeforeReasoningIsDropped) {
    const auto got = ReplyRun().stream(
        chat_stream({R"({"content":"\n"})", R"({"reasoning_content":"r"})", R"({"content":"\n\n"})",
                     R"({"content":"a\n"})", R"({"content":"\n"})"}));
    EXPECT_EQ(got.reply.shape(), "thinking[r] text[\n\na\n\n]");
}

TEST(Conformance, Case43_EncryptedDetailsAreKeptForTheNextTurn) {
    ReplyRun run;
    run.profile = *dialect::profile_named("openrouter");
    const auto got = run.stream(chat_stream(
        {R"({"reasoning":"a","reasoning_details":[{"type":"reasoning.summary","summary":"a","index":0}]})",
         R"({"reasoning":"b","reasoning_details":[{"type":"reasoning.summary","summary":"b","index":0}]})",
         R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"gA==","id":"rs_1","index":1}]})",
         R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"T","arguments":"{}"}}]})"},
        "stop"));
    EXPECT_EQ(got.reply.shape(), "thinking[ab] tool_use:T{}");
    EXPECT_EQ(got.reply.stop_reason, "tool_use");
    const auto envelope = dialect::unseal("key", got.reply.blocks.at(0).signature);
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->payload,
              R"([{"type":"reasoning.summary","summary":"ab","index":0},)"
              R"({"type":"reasoning.encrypted","data":"gA==","id":"rs_1","index":1}])");
}

TEST(Conformance, Case42_ThoughtSignatureStandsBeforeItsCall) {
    const auto got = ReplyRun().stream(chat_stream(
        {R"({"content":"a"})",
         R"({"tool_calls":[{"id":"c","extra_content":{"google":{"thought_signature":"Csg"}},
         "function":{"name":"T","arguments":"{}"}}]})"}));
    EXPECT_EQ(got.reply.shape(), "text[a] thinking[] tool_use:T{}");
    EXPECT_EQ(dialect::unseal("key", got.reply.blocks.at(1).signature)->payload, "xCsg");
}

TEST(Conformance, Case45_OmittedThinkingShowsASignatureOnly) {
    ReplyRun run;
    run.context.omit_thinking_text = true;
    const std::string sse =
        chat_stream({R"({"reasoning_content":"se\ncret"})", R"({"content":"t"})"});
    const auto got = run.stream(sse);
    EXPECT_EQ(got.reply.shape(), "thinking[] text[t]");
    EXPECT_EQ(got.client.find("thinking_delta"), std::string::npos);
    // The provider wants it back, and nobody but the client keeps it.
    EXPECT_EQ(dialect::unseal("key", got.reply.blocks.at(0).signature)->payload, "tse\ncret");
    run.context.return_hidden_thinking = false;
    EXPECT_EQ(dialect::unseal("key", run.stream(sse).reply.blocks.at(0).signature)->payload, "");
}

}  // namespace
}  // namespace ccr::testing
