// SPDX-License-Identifier: MIT
// Requests in the Responses format: what the golden pairs do not show.
#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/responses.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::client_body;
using testing::member;
using testing::RequestRun;
using testing::simple_body;

std::string body_of(std::string client, std::string_view model = "gpt-5.4") {
    return RequestRun(std::move(client)).body("responses:openai", model);
}

std::string sealed(std::string_view family, std::string_view payload) {
    return seal(testing::test_envelope_key, family, payload);
}

std::string thought(std::string_view signature, std::string_view text = {}) {
    return R"({"type":"thinking","thinking":")" + std::string(text) + R"(","signature":")" +
           std::string(signature) + R"("})";
}

std::string with_assistant(const std::string& blocks) {
    return client_body(R"([{"role":"user","content":"q"},{"role":"assistant","content":[)" +
                       blocks + R"(]},{"role":"user","content":"r"}])");
}

TEST(ResponsesRequest, SaysThatNothingIsKept) {
    EXPECT_EQ(body_of(simple_body(), "gpt-4.1"),
              R"({"model":"gpt-4.1","input":[{"type":"message","role":"user","content":)"
              R"([{"type":"input_text","text":"hi"}]}],"max_output_tokens":100,"store":false,)"
              R"("stream":false})");
    EXPECT_EQ(member(body_of(simple_body()), "include"), R"(["reasoning.encrypted_content"])");
}

TEST(ResponsesRequest, Conformance_Case66_EffortAndSummary) {
    struct Case {
        const char* model;
        const char* more;
        const char* reasoning;
    };
    const std::vector<Case> cases{
        {"gpt-5.4", "", ""},
        {"gpt-5.4", R"("thinking":{"type":"adaptive"})", R"({"summary":"auto"})"},
        {"gpt-5.4", R"("thinking":{"type":"disabled"})", R"({"effort":"none"})"},
        {"gpt-5", R"("thinking":{"type":"disabled"})", R"({"effort":"low"})"},
        {"gpt-5.4", R"("output_config":{"effort":"max"})", R"({"effort":"xhigh"})"},
        {"gpt-5.6", R"("output_config":{"effort":"max"})", R"({"effort":"max"})"},
        {"gpt-5.6", R"("tools":[{"name":"f"}],"output_config":{"effort":"high"})",
         R"({"effort":"high"})"},
        {"o3", R"("thinking":{"type":"enabled","budget_tokens":5000},"max_tokens":9000)",
         R"({"effort":"medium","summary":"auto"})"},
        {"gpt-5.4",
         R"("thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"low"})",
         R"({"effort":"low"})"},
        {"gpt-4.1", R"("thinking":{"type":"adaptive"},"output_config":{"effort":"high"})", ""},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(member(body_of(simple_body(c.more), c.model), "reasoning"), c.reasoning)
            << c.model << " " << c.more;
    }
}

TEST(ResponsesRequest, Conformance_Case65_ToolChoice) {
    const auto choice = [](const std::string& said) {
        return member(body_of(simple_body(R"("tools":[{"name":"f"}],"tool_choice":)" + said)),
                      "tool_choice");
    };
    EXPECT_EQ(choice(R"({"type":"auto"})"), R"("auto")");
    EXPECT_EQ(choice(R"({"type":"any"})"), R"("required")");
    EXPECT_EQ(choice(R"({"type":"none"})"), R"("none")");
    EXPECT_EQ(choice(R"({"type":"tool","name":"f"})"), R"({"type":"function","name":"f"})");
    EXPECT_EQ(member(body_of(simple_body(R"("tool_choice":{"type":"any"})")), "tool_choice"), "");
}

TEST(ResponsesRequest, Conformance_Case44_ReasoningStandsBeforeWhatItLedTo) {
    const std::string ours = thought(sealed("openai", "rrs_1 gA="), "why");
    const std::string text = R"({"type":"text","text":"a"})";
    const std::string items = member(body_of(with_assistant(ours + "," + text)), "input");
    EXPECT_NE(items.find(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text",)"
                         R"("text":"why"}],"encrypted_content":"gA="},{"type":"message",)"
                         R"("role":"assistant")"),
              std::string::npos)
        << items;
    // Nothing follows it: the provider would refuse it.
    EXPECT_EQ(body_of(with_assistant(text + "," + ours)), body_of(with_assistant(text)));
    // Another provider's, somebody else's, or damaged.
    for (const std::string& foreign :
         {sealed("deepseek", "rrs_1 gA="), std::string("EqQBCgIYAhIM"), sealed("openai", "xSIG"),
          sealed("openai", "rrs_1"), sealed("openai", "")}) {
        EXPECT_EQ(body_of(with_assistant(thought(foreign) + "," + text)),
                  body_of(with_assistant(text)))
            << foreign;
    }
}

TEST(ResponsesRequest, ReasoningItemsTravelInAnEnvelope) {
    const auto item = responses::unpack(responses::pack({"rs_1", "gA b="}));
    ASSERT_TRUE(item);
    EXPECT_EQ(item->id, "rs_1");
    EXPECT_EQ(item->encrypted_content, "gA b=");
    EXPECT_EQ(responses::unpack(responses::pack({"", "g"}))->encrypted_content, "g");
    EXPECT_FALSE(responses::unpack("xSIG"));
    EXPECT_FALSE(responses::unpack("[{}]"));
}

TEST(ResponsesRequest, Conformance_Case32_StopSequencesAreTheRouters) {
    RequestRun run(simple_body(R"("stop_sequences":["###","\n\nQ:"])"));
    const auto encoded = run.encode("responses:openai", "gpt-4.1");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(member(encoded->body, "stop"), "");
    EXPECT_EQ(encoded->emulated_stops, (std::vector<std::string>{"###", "\n\nQ:"}));
}

TEST(ResponsesRequest, Conformance_Case68_SearchIsTheProvidersOwnTool) {
    const std::string search = R"({"type":"web_search_20250305","name":"web_search","max_uses":5})";
    const std::string alone = body_of(simple_body(
        R"("tools":[)" + search + R"(],"tool_choice":{"type":"tool","name":"web_search"})"));
    EXPECT_EQ(member(alone, "tools"), R"([{"type":"web_search"}])");
    EXPECT_EQ(member(alone, "tool_choice"), R"("required")");
    const std::string among =
        body_of(simple_body(R"("tools":[{"name":"f"},)" + search +
                            R"(],"tool_choice":{"type":"tool","name":"web_search"})"));
    EXPECT_EQ(member(among, "tool_choice"), R"({"type":"web_search"})");
    RequestRun blocked(simple_body(
        R"("tools":[{"type":"web_search_20250305","name":"web_search","blocked_domains":["x"]}])"));
    EXPECT_EQ(member(blocked.body("responses:openai", "gpt-5.4"), "tools"),
              R"([{"type":"web_search"}])");
    EXPECT_EQ(blocked.request().warnings,
              std::vector<std::string>{"tools.web_search.blocked_domains"});
    // A server without one is not sent it, least of all as a function.
    RequestRun local(simple_body(R"("tools":[)" + search + "]"));
    EXPECT_EQ(member(local.body("responses:lmstudio", "m"), "tools"), "");
    EXPECT_EQ(local.request().warnings, std::vector<std::string>{"tools.web_search_20250305"});
}

TEST(ResponsesRequest, OthersFilesAreNotSent) {
    const auto with = [](const std::string& block) {
        return body_of(client_body(R"([{"role":"user","content":[)" + block + "]}]"));
    };
    EXPECT_EQ(with(R"({"type":"image","source":{"type":"file","file_id":"file_011CN"}})"),
              "error: capability_rejected: image_block");
    EXPECT_EQ(with(R"({"type":"document","source":{"type":"file","file_id":"file_011CN"}})"),
              "error: capability_rejected: document_block");
}

TEST(ResponsesRequest, SummariesCanBeLeftOut) {
    RequestRun run(
        simple_body(R"("thinking":{"type":"adaptive"},"output_config":{"effort":"low"})"));
    Profile profile = *testing::profile_of("responses:openai", "gpt-5.4");
    profile.reasoning_summary = false;
    const auto encoded = run.encode_with(profile, "gpt-5.4");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(member(encoded->body, "reasoning"), R"({"effort":"low"})");
}

TEST(ResponsesRequest, SignaturesCanBeLeftOut) {
    RequestRun run(
        with_assistant(thought(sealed("openai", "rrs_1 gA=")) + R"(,{"type":"text","text":"a"})"));
    Profile profile = *testing::profile_of("responses:openai", "gpt-5.4");
    profile.reasoning_return = ReasoningReturn::never;
    const auto encoded = run.encode_with(profile, "gpt-5.4");
    ASSERT_TRUE(encoded);
    EXPECT_EQ(encoded->body.find(R"("type":"reasoning")"), std::string::npos);
}

TEST(ResponsesRequest, CacheMarksBecomeBreakpointsWhereTheModelTakesThem) {
    const std::string client = client_body(
        R"([{"role":"user","content":[{"type":"text","text":"a",)"
        R"("cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"b"}]}])");
    const std::string marked = R"({"type":"input_text","text":"a","prompt_cache_breakpoint":)"
                               R"({"mode":"explicit"}},{"type":"input_text","text":"b"})";
    EXPECT_NE(body_of(client, "gpt-5.6").find(marked), std::string::npos);
    EXPECT_EQ(body_of(client, "gpt-5.5").find("cache_breakpoint"), std::string::npos);
    // In Chat Completions too.
    const std::string chat = RequestRun(client).body("openai", "gpt-5.6");
    EXPECT_NE(
        chat.find(R"({"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}})"),
        std::string::npos)
        << chat;
}

TEST(ResponsesRequest, PrefillIsContinuedByAsking) {
    RequestRun run(
        client_body(R"([{"role":"user","content":"q"},{"role":"assistant","content":"half"}])"));
    const std::string input = member(run.body("responses:openai", "gpt-5.4"), "input");
    EXPECT_TRUE(
        input.ends_with(R"("text":"Continue exactly from the end of your previous message."}]}])"))
        << input;
    EXPECT_EQ(run.request().warnings, std::vector<std::string>{"prefill"});
}

}  // namespace
}  // namespace ccr::dialect
