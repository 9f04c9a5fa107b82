// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_splice.hpp"

#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::RequestRun;

std::string spliced(const std::string& body, SpliceOptions options) {
    RequestRun run(body);
    EXPECT_TRUE(run.decoded()) << run.decoded().error().detail;
    if (options.model.empty()) options.model = "target";
    options.envelope_key = testing::test_envelope_key;
    const std::string out = splice(run.request(), options);
    json::Document document;
    EXPECT_TRUE(document.parse_view(out)) << out;
    return out;
}

std::string downgraded(const std::string& body, AnthropicLevel level = AnthropicLevel::y2024) {
    SpliceOptions options;
    options.level = level;
    return spliced(body, options);
}

TEST(AnthropicSplice, PutsTheFormatsVersionInTheModelsPlaceForVertex) {
    SpliceOptions options;
    options.model_in_url = true;
    EXPECT_EQ(
        spliced(R"({"max_tokens":1, "model" : "m","messages":[{"role":"user","content":"x"}]})",
                options),
        R"({"max_tokens":1, "anthropic_version" : "vertex-2023-10-16","messages":)"
        R"([{"role":"user","content":"x"}]})");
}

TEST(AnthropicSplice, ChangesTheModelAndNothingElse) {
    const std::string body =
        R"({ "max_tokens" :1e3, "model": "provider,claude", "x":[1.0,  {"a":-0}],
  "messages":[{"role":"user","content":[{"text":"\u0041\/","type":"text","cache_control":{"ttl":"1h","type":"ephemeral"},"new":null}]},
              {"role":"system","content":[]}] })";
    std::string expected = body;
    expected.replace(expected.find("\"provider,claude\""), 17, "\"clau\\\"de\"");
    SpliceOptions options;
    options.model = "clau\"de";
    EXPECT_EQ(spliced(body, options), expected);
}

TEST(AnthropicSplice, ReplacesEveryDuplicateOfTheModel) {
    EXPECT_EQ(
        spliced(
            R"({"model":"a","max_tokens":1,"model":"b","messages":[{"role":"user","content":"x"}]})",
            {}),
        R"({"model":"target","max_tokens":1,"model":"target","messages":[{"role":"user","content":"x"}]})");
}

TEST(AnthropicSplice, ForcesTheStream) {
    SpliceOptions options;
    options.force_stream = true;
    const std::string plain =
        R"({"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"}])";
    EXPECT_EQ(
        spliced(plain + "}", options),
        R"({"model":"target","max_tokens":1,"messages":[{"role":"user","content":"x"}],"stream":true})");
    EXPECT_EQ(
        spliced(plain + R"(,"stream":false})", options),
        R"({"model":"target","max_tokens":1,"messages":[{"role":"user","content":"x"}],"stream":true})");
    EXPECT_EQ(
        spliced(plain + R"(,"stream" : true})", options),
        R"({"model":"target","max_tokens":1,"messages":[{"role":"user","content":"x"}],"stream" : true})");
}

std::string conversation(const std::string& assistant_blocks) {
    return R"({"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[)" +
           assistant_blocks + R"(]},{"role":"user","content":"y"}]})";
}
std::string after(const std::string& assistant_blocks) {
    std::string out = conversation(assistant_blocks);
    return out.replace(out.find("\"a\""), 3, "\"target\"");
}
std::string thinking(const std::string& signature) {
    return R"({"type":"thinking","thinking":"t","signature":")" + signature + R"("})";
}

TEST(Conformance, Case41_OurThinkingIsNotSentToAnthropic) {
    const std::string ours = thinking(seal(testing::test_envelope_key, "glm", ""));
    const std::string forged = thinking("ccr1.Zm9v.YmFy");
    const std::string genuine = thinking("ErUBCkYIBhgC");
    const std::string redacted = R"({"type":"redacted_thinking","data":"ccr1.a.b"})";
    const std::string text = R"({"type":"text","text":"t"})";
    EXPECT_EQ(spliced(conversation(ours + "," + text), {}), after(text));
    EXPECT_EQ(spliced(conversation(forged + " , " + redacted + ", " + text), {}), after(text));
    EXPECT_EQ(spliced(conversation(text + "," + ours), {}), after(text));
    EXPECT_EQ(spliced(conversation(text + "," + ours + "," + text + "," + redacted), {}),
              after(text + "," + text));
    EXPECT_EQ(spliced(conversation(genuine + "," + text), {}), after(genuine + "," + text));
    EXPECT_EQ(spliced(conversation(genuine + "," + ours + "," + text), {}),
              after(genuine + "," + text));
    // Never signed by anybody.
    EXPECT_EQ(spliced(conversation(thinking("") + "," + text), {}), after(text));
}

TEST(Conformance, Case41_AMessageOfNothingButOurThinkingGoes) {
    EXPECT_EQ(
        spliced(conversation(thinking("ccr1.a.b")), {}),
        R"({"model":"target","max_tokens":1,"messages":[{"role":"user","content":"x"},{"role":"user","content":"y"}]})");
}

TEST(Conformance, Case63_BillingHeaderStaysForAnthropic) {
    const std::string body =
        R"({"model":"target","max_tokens":1,"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"}],"messages":[{"role":"user","content":"x"}]})";
    EXPECT_EQ(spliced(body, {}), body);
}

TEST(AnthropicSplice, RecordedRequestsDifferInTheModelOnly) {
    for (const auto& recorded : testing::recorded_requests(CCR_TEST_DATA "/claude-code")) {
        RequestRun run(recorded.body);
        if (!run.decoded()) continue;  // counting requests
        std::string expected = recorded.body;
        const std::string model = testing::member(recorded.body, "model");
        expected.replace(expected.find(model), model.size(), "\"target\"");
        EXPECT_EQ(spliced(recorded.body, {}), expected) << recorded.name;
    }
}

TEST(AnthropicClones, GetWhatTheFormatHadIn2024) {
    EXPECT_EQ(
        downgraded(
            R"({"model":"a","context_management":{},"max_tokens":20000,"thinking":{"type":"adaptive","display":"omitted"},)"
            R"("output_config":{"effort":"low"},"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],)"
            R"("messages":[{"role":"user","content":"x"},{"role":"system","content":"note","output_config":{"effort":"low"}},)"
            R"({"role":"system","content":[]}],"unknown":1})"),
        R"({"model":"target","max_tokens":20000,"thinking":{"type":"enabled","budget_tokens":4096},)"
        R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],)"
        R"("messages":[{"role":"user","content":"x"},{"role":"user","content":"<system-reminder>\nnote\n</system-reminder>"}]})");
}

TEST(AnthropicClones, ToolsAreMadeFamiliar) {
    EXPECT_EQ(
        downgraded(
            R"({"model":"a","max_tokens":10,"tools":[{"name":"A","input_schema":{},"strict":true},)"
            R"({"type":"web_search_20250305","name":"web_search"},{"name":"D","defer_loading":true,"input_schema":{}},)"
            R"({"name":"E","defer_loading":true,"input_schema":{}}],"messages":[{"role":"user","content":[)"
            R"({"type":"tool_result","tool_use_id":"x","content":[{"type":"tool_reference","tool_name":"E"}]}]}]})"),
        R"({"model":"target","max_tokens":10,"tools":[{"name":"A","input_schema":{}},)"
        R"({"name":"E","input_schema":{}}],"messages":[{"role":"user","content":[)"
        R"({"type":"tool_result","tool_use_id":"x","content":[{"type":"text","text":"Tool now available: E"}]}]}]})");
    EXPECT_EQ(
        downgraded(
            R"({"model":"a","max_tokens":10,"tools":[{"type":"web_search_20250305","name":"web_search"}],)"
            R"("tool_choice":{"type":"auto"},"messages":[{"role":"user","content":"x"}]})"),
        R"({"model":"target","max_tokens":10,"messages":[{"role":"user","content":"x"}]})");
}

TEST(AnthropicClones, KeepTheirOwnThinkingButNotOurs) {
    const std::string text = R"({"type":"text","text":"t"})";
    EXPECT_EQ(
        downgraded(conversation(thinking("theirs") + "," + thinking("ccr1.a.b") + "," + text)),
        after(thinking("theirs") + "," + text));
}

TEST(AnthropicClones, HistoryOfServerToolsIsToldInWords) {
    EXPECT_EQ(
        downgraded(conversation(
            R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},)"
            R"({"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"T","url":"u","encrypted_content":"E"}]})")),
        after(R"({"type":"text","text":"[web_search: {\"query\":\"q\"}]"},)"
              R"({"type":"text","text":"[web_search_tool_result]\nT\nu"})"));
}

TEST(AnthropicClones, SmallServersGetNoAdaptiveThinking) {
    EXPECT_EQ(
        downgraded(
            R"({"model":"a","max_tokens":9000,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"x"}]})",
            AnthropicLevel::minimal),
        R"({"model":"target","max_tokens":9000,"messages":[{"role":"user","content":"x"}]})");
}

TEST(AnthropicClones, RefuseWhatMustNotBeIgnored) {
    RequestRun run(testing::simple_body(R"("safeguards":[{}])"));
    EXPECT_TRUE(unspliceable(run.request(), AnthropicLevel::y2024));
    EXPECT_FALSE(unspliceable(run.request(), AnthropicLevel::full));
}

TEST(AnthropicClones, EveryRecordedRequestStaysAValidRequest) {
    for (const auto& recorded : testing::recorded_requests(CCR_TEST_DATA "/claude-code")) {
        RequestRun run(recorded.body);
        if (!run.decoded()) continue;
        for (const auto level : {AnthropicLevel::y2024, AnthropicLevel::minimal}) {
            const std::string out = downgraded(recorded.body, level);
            RequestRun again(out);
            ASSERT_TRUE(again.decoded()) << recorded.name << again.decoded().error().detail;
            for (const std::string_view word :
                 {"defer_loading", "\"ttl\"", "tool_reference\"", "adaptive", "output_config",
                  "context_management", "\"role\":\"system\""}) {
                EXPECT_EQ(out.find(word), std::string::npos) << recorded.name << " " << word;
            }
        }
    }
}

}  // namespace
}  // namespace ccr::dialect
