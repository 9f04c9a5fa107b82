// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <random>

#include "daemon/dialect/anthropic.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::client_body;
using testing::RequestRun;
using testing::simple_body;

struct Refused {
    std::string body;
    std::string message;
};

class RefusedRequests : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedRequests, SayWhichFieldIsWrong) {
    const RequestRun run(GetParam().body);
    ASSERT_FALSE(run.decoded());
    EXPECT_EQ(run.decoded().error().kind, ErrorKind::invalid_request);
    EXPECT_EQ(run.decoded().error().detail, GetParam().message);
}

std::string message_of(const std::string& block) {
    return client_body(R"([{"role":"user","content":"a"},{"role":"user","content":[)" + block +
                       "]}]");
}

const Refused refused[] = {
    {R"({"model":"m","messages":[{"role":"user","content":"a"}]})", "max_tokens: Field required"},
    {R"({"model":"m","max_tokens":"1","messages":[]})",
     "max_tokens: Input should be a valid integer"},
    {R"({"model":"m","max_tokens":-1,"messages":[]})",
     "max_tokens: Input should be greater than or equal to 0"},
    {R"({"max_tokens":1,"messages":[]})", "model: Field required"},
    {R"({"model":7,"max_tokens":1,"messages":[]})", "model: Input should be a valid string"},
    {R"({"model":"m","max_tokens":1})", "messages: Field required"},
    {R"({"model":"m","max_tokens":1,"messages":{}})", "messages: Input should be a valid array"},
    {client_body("[]"), "messages: at least one message is required"},
    {client_body("[7]"), "messages.0: Input should be a valid dictionary"},
    {client_body(R"([{"role":"tool","content":"x"}])"),
     "messages.0.role: Input should be 'user', 'assistant' or 'system'"},
    {client_body(R"([{"role":"user"}])"), "messages.0.content: Field required"},
    {client_body(R"([{"role":"user","content":7}])"),
     "messages.0.content: Input should be a valid string or array"},
    {message_of("7"), "messages.1.content.0: Input should be a valid dictionary"},
    {message_of("{}"), "messages.1.content.0.type: Field required"},
    {message_of(R"({"type":"text"})"), "messages.1.content.0.text: Field required"},
    {message_of(R"({"type":"text","text":"a"},{"type":"tool_use","name":"x"})"),
     "messages.1.content.1.id: Field required"},
    {message_of(R"({"type":"tool_use","id":"i","name":"x","input":[]})"),
     "messages.1.content.0.input: Input should be a valid dictionary"},
    {message_of(R"({"type":"tool_result","content":"x"})"),
     "messages.1.content.0.tool_use_id: Field required"},
    {message_of(R"({"type":"tool_result","tool_use_id":"i","content":[{"type":"text"}]})"),
     "messages.1.content.0.content.0.text: Field required"},
    {message_of(R"({"type":"image"})"), "messages.1.content.0.source: Field required"},
    {message_of(R"({"type":"image","source":{"type":"base64"}})"),
     "messages.1.content.0.source.data: Field required"},
    {message_of(R"({"type":"image","source":{"type":"magic"}})"),
     "messages.1.content.0.source.type: Input should be 'base64', 'url' or 'file'"},
    {simple_body(R"("system":7)"), "system: Input should be a valid string or array"},
    {simple_body(R"("system":[{"type":"image","source":{"type":"url","url":"u"}}])"),
     "system: only text blocks are allowed here"},
    {simple_body(R"("tools":{})"), "tools: Input should be a valid array"},
    {simple_body(R"("tools":[{"input_schema":{}}])"), "tools.0.name: Field required"},
    {simple_body(R"("tools":[{"name":"x","input_schema":"y"}])"),
     "tools.0.input_schema: Input should be a valid dictionary"},
    {simple_body(R"("tool_choice":{"type":"maybe"})"),
     "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'"},
    {simple_body(R"("tool_choice":{"type":"tool"})"), "tool_choice.name: Field required"},
    {simple_body(R"("thinking":{"type":"enabled"})"),
     "thinking.enabled.budget_tokens: Field required"},
    {simple_body(R"("stop_sequences":"x")"), "stop_sequences: Input should be a valid array"},
    {simple_body(R"("stop_sequences":[1])"), "stop_sequences: Items should be valid strings"},
    {simple_body(R"("temperature":"hot")"), "temperature: Input should be a valid number"},
    {simple_body(R"("stream":"yes")"), "stream: Input should be a valid boolean"},
    {simple_body(R"("output_config":{"format":{"type":"json_schema"}})"),
     "output_config.format.schema: Input should be a valid dictionary"},
    {"[]", "the request body should be a JSON object"},
};
INSTANTIATE_TEST_SUITE_P(AnthropicRequest, RefusedRequests, ::testing::ValuesIn(refused));

TEST(AnthropicRequest, NamesThePlaceOfASyntaxError) {
    const RequestRun run(R"({"model":)");
    ASSERT_FALSE(run.decoded());
    EXPECT_NE(run.decoded().error().detail.find("byte 9"), std::string::npos)
        << run.decoded().error().detail;
}

TEST(AnthropicRequest, BothSpellingsOfTheFormatAreAnError) {
    const std::string format = R"({"type":"json_schema","schema":{}})";
    EXPECT_FALSE(RequestRun(simple_body(R"("output_config":{"format":)" + format +
                                        R"(},"output_format":)" + format))
                     .decoded());
    EXPECT_TRUE(RequestRun(simple_body(R"("output_format":)" + format)).decoded());
}

TEST(Conformance, Case67_UnknownFieldsAndBlocksAreNoErrors) {
    RequestRun run(client_body(
        R"([{"role":"user","content":[{"type":"hologram","x":1},{"type":"text","text":"a","y":2}],
            "z":3}])",
        R"("brand_new":{"a":[1]},"thinking":{"type":"telepathy"},"metadata":{"other":1},
           "context_management":{"edits":[]},"diagnostics":{},"tags":["a"],"cache_control":{})"));
    ASSERT_TRUE(run.decoded()) << run.decoded().error().detail;
    EXPECT_EQ(run.request().messages[0].content.size(), 2U);
    EXPECT_EQ(run.request().thinking.kind, chat::ThinkingMode::Kind::absent);
    EXPECT_EQ(run.request().warnings, std::vector<std::string>{"thinking"});
}

TEST(AnthropicRequest, ReadsTheTypedFields) {
    RequestRun run(client_body(
        R"([{"role":"user","content":"a"},{"role":"system","content":[],
            "output_config":{"effort":"low"},"clear_at":"next_user_message"}])",
        R"("stream":true,"system":"s","stop_sequences":["x\n",""],"temperature":0.50,"top_k":3,
           "metadata":{"user_id":"u"},"service_tier":"auto","speed":"fast",
           "thinking":{"type":"enabled","budget_tokens":2048,"display":"omitted"},
           "output_config":{"effort":"xhigh"},
           "tool_choice":{"type":"tool","name":"t","disable_parallel_tool_use":true})"));
    ASSERT_TRUE(run.decoded()) << run.decoded().error().detail;
    const chat::Request& request = run.request();
    EXPECT_EQ(request.model, "claude");
    EXPECT_EQ(request.max_tokens, 100);
    EXPECT_TRUE(request.stream);
    ASSERT_EQ(request.system.size(), 1U);
    ASSERT_EQ(request.stop_sequences.size(), 1U);
    EXPECT_EQ(request.stop_sequences[0].bytes, R"(x\n)");
    EXPECT_EQ(request.temperature, "0.50");
    EXPECT_EQ(request.top_k, "3");
    EXPECT_EQ(request.user_id, "u");
    EXPECT_EQ(request.service_tier, "auto");
    EXPECT_EQ(request.speed, "fast");
    EXPECT_EQ(request.thinking.kind, chat::ThinkingMode::Kind::enabled);
    EXPECT_EQ(request.thinking.budget_tokens, 2048);
    EXPECT_TRUE(request.thinking.omit_text);
    EXPECT_EQ(request.effort, "xhigh");
    EXPECT_EQ(request.tool_choice.name, "t");
    EXPECT_TRUE(request.tool_choice.disable_parallel);
    EXPECT_EQ(request.messages[1].effort, "low");
    EXPECT_TRUE(request.messages[1].until_next_user);
}

TEST(AnthropicRequest, OfDuplicateKeysTheLastCounts) {
    RequestRun run(R"({"model":"a","model":"b","max_tokens":1,"max_tokens":2,
                       "messages":[],"messages":[{"role":"user","content":"x"}]})");
    ASSERT_TRUE(run.decoded()) << run.decoded().error().detail;
    EXPECT_EQ(run.request().model, "b");
    EXPECT_EQ(run.request().max_tokens, 2);
    EXPECT_EQ(run.request().messages.size(), 1U);
}

TEST(AnthropicRequest, CountingNeedsNoMaxTokens) {
    chat::Request request;
    EXPECT_TRUE(anthropic::decode_count_request(
        R"({"model":"m","messages":[{"role":"user","content":"a"}]})", request));
    chat::Request broken;
    EXPECT_FALSE(anthropic::decode_count_request(R"({"model":"m","messages":[]})", broken));
}

TEST(Conformance, Case67_ZeroMaxTokensIsExposed) {
    RequestRun run(R"({"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]})");
    ASSERT_TRUE(run.decoded());
    EXPECT_EQ(run.request().max_tokens, 0);
}

TEST(Conformance, Case67_WhatOnlyAnthropicCanDoIsRefusedElsewhere) {
    const struct {
        const char* field;
        ErrorKind kind;
        const char* part;
        const char* code;
    } rows[] = {
        {R"("thread":{"type":"create"})", ErrorKind::invalid_request, "thread",
         "thread_unsupported_request"},
        {R"("thread":{"type":"continue","previous_message_id":"m"})", ErrorKind::not_found,
         "thread", "thread_not_found"},
        {R"("safeguards":[{"type":"dangerous_tool_use"}])", ErrorKind::invalid_request,
         "safeguards", ""},
        {R"("container":{"id":"c","skills":[{"type":"custom"}]})", ErrorKind::invalid_request,
         "container", ""},
        {R"("mcp_servers":[{"url":"https://x"}])", ErrorKind::invalid_request, "mcp_servers", ""},
        {R"("compaction":{"type":"summarize"})", ErrorKind::invalid_request, "compaction", ""},
    };
    for (const auto& row : rows) {
        RequestRun run(simple_body(row.field));
        ASSERT_TRUE(run.decoded()) << row.field;
        const auto encoded = run.encode();
        ASSERT_FALSE(encoded) << row.field;
        EXPECT_EQ(encoded.error().kind, row.kind);
        EXPECT_NE(encoded.error().detail.find(row.part), std::string::npos);
        EXPECT_EQ(encoded.error().code, row.code);
    }
    EXPECT_TRUE(RequestRun(simple_body(R"("container":"c_1","mcp_servers":[])")).encode());
}

TEST(AnthropicRequest, SurvivesEveryPrefixAndManyMutations) {
    std::mt19937 random(7);
    for (const auto& recorded : testing::recorded_requests(CCR_TEST_DATA "/claude-code")) {
        std::string body = recorded.body.substr(0, 6000);
        for (std::size_t length = 0; length < body.size(); length += 61) {
            EXPECT_FALSE(RequestRun(body.substr(0, length)).decoded());
        }
        // Cuts in the middle that leave valid JSON behind are the interesting ones: change single
        // bytes of the whole request.
        constexpr std::string_view bytes = R"("{}[],:0tnue\ x)";
        for (int round = 0; round < 8; ++round) {
            std::string mutated = recorded.body;
            for (int change = 0; change < 1 + round % 3; ++change)
                mutated[random() % mutated.size()] = bytes[random() % bytes.size()];
            RequestRun run(std::move(mutated));
            if (!run.decoded()) continue;
            const auto encoded = run.encode(round % 2 == 0 ? "openai" : "glm");
            json::Document document;
            if (encoded) {
                EXPECT_TRUE(document.parse_view(encoded->body)) << recorded.name;
            }
        }
    }
}

}  // namespace
}  // namespace ccr::dialect
