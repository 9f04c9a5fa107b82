// SPDX-License-Identifier: MIT
// Chat Completions requests from clients: what is made of each part.
#include <gtest/gtest.h>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/envelope.hpp"

namespace ccr::dialect {
namespace {

std::string with(std::string_view members,
                 std::string_view messages = R"([{"role":"user","content":"x"}])") {
    std::string body = R"({"model":"m","messages":)";
    body += messages;
    body += members;
    return body += "}";
}

struct Decoded {
    explicit Decoded(std::string body)
        : done(chat_door::decode_request(std::move(body), request)) {}
    // As an Anthropic provider would get it.
    std::string sent() {
        EncodeOptions options;
        options.model = "up";
        options.profile = &profile;
        options.envelope_key = "key";
        auto encoded = anthropic::encode_request(request, options);
        return encoded ? encoded->body : "error: " + encoded.error().detail;
    }
    bool refused(std::string_view word) const {
        return !done && done.error().kind == ErrorKind::invalid_request &&
               done.error().detail.find(word) != std::string::npos;
    }
    chat::Request request;
    Profile profile;
    Result<void> done;
};

TEST(ChatDoorRequest, PutsInstructionsWhereTheyBelong) {
    Decoded d(with("", R"([{"role":"system","content":"a"},{"role":"developer","content":[
        {"type":"text","text":"b"}]},{"role":"user","content":"x"},{"role":"system","content":"c"}])"));
    ASSERT_TRUE(d.done);
    ASSERT_EQ(d.request.system.size(), 2U);
    EXPECT_EQ(d.request.system[1].text.bytes, "b");
    ASSERT_EQ(d.request.messages.size(), 2U);
    EXPECT_EQ(d.request.messages[1].role, chat::Role::system);
}

TEST(ChatDoorRequest, ReadsLimits) {
    EXPECT_EQ(Decoded(with(R"(,"max_tokens":5,"max_completion_tokens":7)")).request.max_tokens, 7);
    EXPECT_EQ(Decoded(with(R"(,"max_tokens":5)")).request.max_tokens, 5);
    EXPECT_EQ(Decoded(with("")).request.max_tokens, 0);
    EXPECT_TRUE(Decoded(with(R"(,"max_tokens":0)")).refused("max_completion_tokens"));
    EXPECT_NE(Decoded(with("")).sent().find("\"max_tokens\":32000"), std::string::npos);
}

TEST(ChatDoorRequest, ReadsStopsAndSampling) {
    Decoded d(with(R"(,"stop":["a"," \n"],"temperature":1.7,"top_p":0.5)"));
    ASSERT_TRUE(d.done);
    EXPECT_EQ(d.request.stop_sequences.size(), 2U);
    const std::string sent = d.sent();
    EXPECT_NE(sent.find(R"("temperature":1,)"), std::string::npos);
    EXPECT_NE(sent.find(R"("stop_sequences":["a"])"), std::string::npos);
    EXPECT_EQ(Decoded(with(R"(,"stop":"a")")).request.stop_sequences.size(), 1U);
}

TEST(ChatDoorRequest, AsksForThinkingByEffort) {
    using Kind = chat::ThinkingMode::Kind;
    EXPECT_EQ(Decoded(with(R"(,"reasoning_effort":"none")")).request.thinking.kind, Kind::disabled);
    Decoded minimal(with(R"(,"reasoning_effort":"minimal")"));
    EXPECT_EQ(minimal.request.effort, "low");
    EXPECT_EQ(minimal.request.thinking.kind, Kind::adaptive);
    EXPECT_EQ(Decoded(with(R"(,"reasoning_effort":"xhigh")")).request.effort, "xhigh");
    EXPECT_TRUE(Decoded(with(R"(,"reasoning_effort":"huge")")).refused("reasoning_effort"));
}

TEST(ChatDoorRequest, RefusesWhatCannotBeDone) {
    EXPECT_TRUE(Decoded(with(R"(,"n":2)")).refused("n:"));
    EXPECT_TRUE(Decoded(with(R"(,"modalities":["text","audio"])")).refused("audio"));
    EXPECT_TRUE(Decoded("[]").refused("JSON object"));
    EXPECT_TRUE(Decoded(R"({"messages":[]})").refused("model"));
    EXPECT_TRUE(Decoded(with("", "[]")).refused("messages"));
    EXPECT_TRUE(
        Decoded(with("", R"([{"role":"alien","content":"x"}])")).refused("messages.0.role"));
    EXPECT_TRUE(Decoded(with("", R"([{"role":"assistant","tool_calls":[{"id":"a","function":
        {"name":"f","arguments":"{cut"}}]}])"))
                    .refused("arguments"));
    EXPECT_TRUE(Decoded(with("", R"([{"role":"user","content":[{"type":"image_url",
        "image_url":{"url":"data:image/tiff;base64,AA"}}]}])"))
                    .refused("JPEG"));
}

TEST(ChatDoorRequest, WarnsOfWhatIsLeftOut) {
    Decoded d(with(R"(,"seed":1,"logit_bias":{},"response_format":{"type":"json_object"})"));
    ASSERT_TRUE(d.done);
    EXPECT_EQ(d.request.warnings.size(), 3U);
    EXPECT_EQ(d.request.system.size(), 1U);
}

TEST(ChatDoorRequest, ReadsToolsOfAllKinds) {
    Decoded d(with(R"(,"tools":[{"type":"function","function":{"name":"f","strict":true}},
        {"type":"custom","custom":{"name":"c","description":"d","format":{"type":"grammar",
        "grammar":{"syntax":"lark","definition":"start"}}}}],"functions":[{"name":"old"}],
        "web_search_options":{},"parallel_tool_calls":false)"));
    ASSERT_TRUE(d.done);
    ASSERT_EQ(d.request.tools.size(), 4U);
    EXPECT_EQ(d.request.tools[0].strict, true);
    EXPECT_TRUE(d.request.tools[1].freeform);
    EXPECT_EQ(d.request.tools[1].description.bytes,
              R"(d\n\nThe input has to follow this lark grammar:\nstart)");
    EXPECT_EQ(d.request.tools[2].name, "old");
    EXPECT_EQ(d.request.tools[3].name, "web_search");
    EXPECT_TRUE(d.request.tool_choice.disable_parallel);
}

TEST(ChatDoorRequest, ReadsToolChoices) {
    using Kind = chat::ToolChoice::Kind;
    const auto choice = [](std::string_view json) {
        std::string members = R"(,"tools":[{"type":"function","function":{"name":"f"}},
            {"type":"function","function":{"name":"g"}}])";
        members += json;
        return Decoded(with(members));
    };
    EXPECT_EQ(choice(R"(,"tool_choice":"required")").request.tool_choice.kind, Kind::any);
    EXPECT_EQ(choice(R"(,"tool_choice":"none")").request.tool_choice.kind, Kind::none);
    const auto named = choice(R"(,"tool_choice":{"type":"function","function":{"name":"g"}})");
    EXPECT_EQ(named.request.tool_choice.name, "g");
    EXPECT_EQ(choice(R"(,"function_call":{"name":"f"})").request.tool_choice.kind, Kind::tool);
    const auto allowed = choice(R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":
        {"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})");
    ASSERT_EQ(allowed.request.tools.size(), 1U);
    EXPECT_EQ(allowed.request.tools[0].name, "g");
    EXPECT_EQ(allowed.request.tool_choice.kind, Kind::any);
    EXPECT_FALSE(choice(R"(,"tool_choice":"maybe")").done);
}

TEST(ChatDoorRequest, Conformance_Case87_MakesOneTurnOfAllAnswers) {
    Decoded d(
        with("", R"([{"role":"user","content":"x"},{"role":"assistant","content":"","tool_calls":[
        {"id":"a","type":"function","function":{"name":"f","arguments":"{\"p\":\"\\\"q\"}"}},
        {"id":"b","type":"custom","custom":{"name":"c","input":"1\n\"2\""}}]},
        {"role":"tool","tool_call_id":"a","content":"1"},
        {"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"2"}]},
        {"role":"user","content":"go on"}])"));
    ASSERT_TRUE(d.done);
    ASSERT_EQ(d.request.messages.size(), 4U);
    EXPECT_EQ(d.request.messages[2].content.size(), 2U);
    const std::string sent = d.sent();
    EXPECT_NE(sent.find(R"("input":{"p":"\"q"})"), std::string::npos) << sent;
    EXPECT_NE(sent.find(R"("input":{"input":"1\n\"2\""})"), std::string::npos) << sent;
}

TEST(ChatDoorRequest, AnswersOldFunctionCalls) {
    Decoded d(with("", R"([{"role":"user","content":"x"},
        {"role":"assistant","content":null,"function_call":{"name":"f","arguments":""}},
        {"role":"function","name":"f","content":"1"}])"));
    ASSERT_TRUE(d.done);
    const auto& use = std::get<chat::ToolUse>(d.request.messages[1].content[0]);
    const auto& result = std::get<chat::ToolResult>(d.request.messages[2].content[0]);
    EXPECT_EQ(use.id, result.tool_use_id);
    EXPECT_EQ(use.input, "{}");
}

TEST(ChatDoorRequest, ReadsMedia) {
    Decoded d(with("", R"([{"role":"user","content":[
        {"type":"image_url","image_url":{"url":"data:image\/png;base64,QUJD"}},
        {"type":"image_url","image_url":{"url":"https://x/y.png"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}}]}])"));
    ASSERT_TRUE(d.done);
    const auto& content = d.request.messages[0].content;
    EXPECT_EQ(std::get<chat::Image>(content[0]).source.media_type.bytes, "image/png");
    EXPECT_EQ(std::get<chat::Image>(content[1]).source.kind, chat::Media::Kind::url);
    EXPECT_EQ(std::get<chat::Document>(content[2]).source.data.bytes, "QUJD");
}

TEST(ChatDoorRequest, GivesReasoningBackToItsMaker) {
    const auto messages = [](std::string_view signature) {
        std::string text = R"([{"role":"user","content":"x"},{"role":"assistant","content":"y",
            "reasoning_content":"t","reasoning_details":[{"text":"t","signature":")";
        return text.append(signature).append(R"("}]},{"role":"user","content":"z"}])");
    };
    const Profile profile;
    Decoded own(with("", messages(seal("key", profile.family, "xSIG"))));
    EXPECT_NE(own.sent().find(R"("thinking":"t","signature":"SIG")"), std::string::npos);
    Decoded foreign(with("", messages(seal("key", "another", "xSIG"))));
    EXPECT_EQ(foreign.sent().find("thinking"), std::string::npos);
    Decoded forged(with("", messages(seal("other key", profile.family, "xSIG"))));
    EXPECT_EQ(forged.sent().find("thinking"), std::string::npos);
}

TEST(ChatDoorSplice, PassesOnlyWhatTheProviderTakes) {
    const auto fits = [](const std::string& body, auto&& change) {
        Decoded d(body);
        d.profile.family = "openai";
        change(d.profile);
        EncodeOptions options;
        options.model = "up";
        options.profile = &d.profile;
        return d.done && chat_door::can_splice(d.request, options);
    };
    const auto as_is = [](Profile&) {};
    EXPECT_TRUE(fits(with(R"(,"seed":1,"max_tokens":5)"), as_is));
    EXPECT_FALSE(fits(with(R"(,"max_completion_tokens":5)"), as_is));
    EXPECT_TRUE(fits(with(R"(,"max_completion_tokens":5)"), [](Profile& p) {
        p.max_tokens_field = MaxTokensField::max_completion_tokens;
    }));
    EXPECT_FALSE(fits(with(R"(,"reasoning_effort":"low")"), as_is));
    EXPECT_FALSE(fits(with(R"(,"temperature":1)"), [](Profile& p) { p.sampling = false; }));
    const std::string image = with("", R"([{"role":"user","content":[{"type":"image_url",
        "image_url":{"url":"https://x/y.png"}}]}])");
    EXPECT_TRUE(fits(image, as_is));
    EXPECT_FALSE(fits(image, [](Profile& p) { p.images = false; }));
    const std::string developer = with("", R"([{"role":"developer","content":"x"},
        {"role":"user","content":"x"}])");
    EXPECT_TRUE(fits(developer, as_is));
    EXPECT_FALSE(fits(developer, [](Profile& p) { p.family = "generic"; }));
}

}  // namespace
}  // namespace ccr::dialect
