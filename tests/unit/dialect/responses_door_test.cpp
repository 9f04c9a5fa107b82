// SPDX-License-Identifier: MIT
// Responses replies to clients, and their requests.
#include <gtest/gtest.h>

#include "daemon/dialect/responses_door.hpp"
#include "tests/testing/door_grammar.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::dialect {
namespace {

struct Reply {
    Reply() {
        request.tools.resize(3);
        request.tools[0].name = "f";
        request.tools[1].name = "c";
        request.tools[1].freeform = true;
        request.tools[2].name = "mail__send";
        request.tools[2].space = "mail";
        context.message_id = "msg_1";
        context.model = "asked";
        context.created = 7;
        context.encoded = &encoded;
        context.request = &request;
        context.envelope_key = "key";
        context.reasoning_family = "generic";
    }
    // Thoughts, text, and three calls, two of which come mixed.
    static void say(chat::EventSink& sink) {
        sink.on(chat::ReasoningDelta{{"Hm"}});
        sink.on(chat::TextDelta{{R"(A \"b\")"}});
        sink.on(chat::ToolOpened{1, "call_1", "f"});
        sink.on(chat::ToolOpened{2, "call_2", "c"});
        sink.on(chat::ToolArguments{2, {R"({\"inp)"}});
        sink.on(chat::ToolArguments{1, {R"({\"a\":1})"}});
        sink.on(chat::ToolArguments{2, {R"(ut\": \"x\\u00)"}});
        sink.on(chat::ToolArguments{2, {R"(e9\\ny\"})"}});
        sink.on(chat::ToolOpened{3, "call_3", "mail__send"});
        chat::Usage usage;
        usage.input_tokens = 3;
        usage.cache_read_tokens = 4;
        usage.output_tokens = 5;
        sink.on(chat::Finished{chat::Stop::tool_use});
        sink.on(chat::UsageReported{usage});
        sink.on(chat::Ended{});
    }
    Encoded encoded;
    chat::Request request;
    ReplyContext context;
};

struct Told {
    std::string type;
    std::string data;
};

std::vector<Told> events_of(std::string_view stream) {
    std::vector<Told> events;
    SseParser parser;
    parser.feed(stream);
    SseEvent event;
    while (parser.next(event))
        events.push_back({std::string(event.name), std::string(event.data)});
    return events;
}

TEST(ResponsesDoor, Conformance_Case88_StreamAndBodyHoldTheSameItems) {
    Reply reply;
    const auto writer = responses_door::stream_writer(reply.context);
    Reply::say(*writer);
    ASSERT_TRUE(writer->done());
    EXPECT_EQ(testing::problem_of_responses_stream(writer->output()), "");
    const auto events = events_of(writer->output());
    ASSERT_GT(events.size(), 10U);
    EXPECT_EQ(events.front().type, "response.created");
    EXPECT_EQ(events.back().type, "response.completed");

    const auto body_writer = responses_door::body_writer(reply.context);
    Reply::say(*body_writer);
    const auto body = body_writer->finish();
    ASSERT_TRUE(body) << body.error().chain();
    json::Document last;
    json::Document whole;
    const auto streamed = last.parse_view(events.back().data);
    const auto at_once = whole.parse_view(*body);
    ASSERT_TRUE(streamed && at_once);
    EXPECT_EQ((*streamed)["response"].raw(), at_once->raw());

    std::string types;
    for (const json::Value item : (*at_once)["output"].elements())
        types.append(item["type"].str()).append(" ");
    EXPECT_EQ(types, "reasoning message function_call custom_tool_call function_call ");
    const json::Value output = (*at_once)["output"];
    EXPECT_EQ(output.at(3)["input"].str(), "xé\ny");
    EXPECT_EQ(output.at(4)["name"].str(), "send");
    EXPECT_EQ(output.at(4)["namespace"].str(), "mail");
    EXPECT_EQ(output.at(4)["arguments"].str(), "{}");
    EXPECT_EQ((*at_once)["usage"]["input_tokens"].integer(), 7);
}

TEST(ResponsesDoor, Conformance_Case88_AFailureBeforeAnythingIsAWholeStream) {
    Error error(ErrorKind::rate_limited, "too fast");
    error.retry_after = Millis{1500};
    const std::string frames = responses_door::error_frame(error, "req_1");
    EXPECT_EQ(testing::problem_of_responses_stream(frames), "");
    const auto events = events_of(frames);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].type, "response.created");
    EXPECT_EQ(events[1].type, "response.failed");
    json::Document document;
    const auto root = document.parse_view(events[1].data);
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["response"]["error"]["code"].str(), "rate_limit_exceeded");
    EXPECT_EQ((*root)["response"]["error"]["message"].str(), "too fast. Please try again in 1.5s.");
}

TEST(ResponsesDoor, ARefusalIsAnItemOfItsOwn) {
    Reply reply;
    const auto writer = responses_door::stream_writer(reply.context);
    writer->on(chat::TextDelta{{"Well"}});
    writer->on(chat::RefusalDelta{{"no"}});
    writer->on(chat::Finished{chat::Stop::refusal});
    writer->on(chat::Ended{});
    EXPECT_EQ(testing::problem_of_responses_stream(writer->output()), "");
    const auto events = events_of(writer->output());
    EXPECT_EQ(events.back().type, "response.incomplete");
    json::Document document;
    const auto root = document.parse_view(events.back().data);
    ASSERT_TRUE(root);
    const json::Value output = (*root)["response"]["output"];
    ASSERT_EQ(output.size(), 2U);
    EXPECT_EQ(output.at(1)["content"].at(0)["refusal"].str(), "no");
}

Error refusal_of(std::string body) {
    chat::Request request;
    auto decoded = responses_door::decode_request(std::move(body), request);
    return decoded ? Error() : std::move(decoded).error();
}

TEST(ResponsesDoor, WhatNeedsAStoreIsRefused) {
    for (const char* body : {R"({"model":"m","input":"x","previous_response_id":"resp_1"})",
                             R"({"model":"m","input":"x","conversation":"conv_1"})",
                             R"({"model":"m","input":[{"type":"item_reference","id":"msg_1"}]})"}) {
        const Error error = refusal_of(body);
        EXPECT_EQ(error.kind, ErrorKind::invalid_request);
        EXPECT_EQ(error.code, "previous_response_not_found") << body;
    }
    EXPECT_NE(
        refusal_of(R"({"model":"m","input":"x","background":true})").detail.find("background"),
        std::string::npos);
}

TEST(ResponsesDoor, Conformance_Case89_ItemsOfOneSideMakeOneMessage) {
    chat::Request request;
    const auto decoded = responses_door::decode_request(
        R"({"model":"m","instructions":"i","store":false,"input":[
            {"role":"developer","content":"d"},{"type":"message","role":"user","content":"u"},
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},
             {"type":"summary_text","text":"b"}],"encrypted_content":"ccr1.x.y"},
            {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"foreign"},
            {"type":"custom_tool_call","call_id":"c1","name":"apply_patch","input":"x\"y"},
            {"type":"local_shell_call","call_id":"c2","action":{"type":"exec","command":["ls"]}},
            {"type":"custom_tool_call_output","call_id":"c1","output":"ok"},
            {"type":"local_shell_call_output","call_id":"c2","output":"files"},
            {"type":"compaction","encrypted_content":"z"},
            {"type":"message","role":"developer","content":[{"type":"input_text","text":"late"}]}],
            "tools":[{"type":"local_shell"},{"type":"image_generation"},
             {"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]}],
            "tool_choice":{"type":"allowed_tools","mode":"required",
             "tools":[{"type":"function","name":"f","namespace":"n"}]}})",
        request);
    ASSERT_TRUE(decoded) << decoded.error().chain();
    EXPECT_EQ(request.system.size(), 2U);
    ASSERT_EQ(request.messages.size(), 4U);
    const chat::Blocks& said = request.messages[1].content;
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(std::get<chat::Thinking>(said[0]).text.bytes, R"(a\n\nb)");
    EXPECT_EQ(std::get<chat::ToolUse>(said[1]).input, R"({"input":"x\"y"})");
    EXPECT_EQ(std::get<chat::ToolUse>(said[2]).name, "local_shell");
    EXPECT_EQ(request.messages[2].content.size(), 2U);
    EXPECT_EQ(request.messages[3].role, chat::Role::system);
    ASSERT_EQ(request.tools.size(), 1U);
    EXPECT_EQ(request.tools[0].name, "n__f");
    EXPECT_EQ(request.tools[0].space, "n");
    EXPECT_EQ(request.tool_choice.kind, chat::ToolChoice::Kind::any);
    EXPECT_EQ(request.warnings,
              (std::vector<std::string>{"input.compaction", "tools.image_generation"}));
}

// Which tool a choice means, whatever kind of tool it is.
TEST(ResponsesDoor, ToolsAreChosenByTheNameThatTheyGoBy) {
    struct Case {
        const char* choice;
        const char* name;   // forced
        const char* tools;  // left over
    };
    const Case cases[] = {
        {R"({"type":"function","name":"f","namespace":"n"})", "n__f", "s local_shell n__f c n__c "},
        {R"({"type":"custom","name":"c","namespace":"n"})", "n__c", "s local_shell n__f c n__c "},
        {R"({"type":"custom","name":"c"})", "c", "s local_shell n__f c n__c "},
        {R"({"type":"local_shell"})", "local_shell", "s local_shell n__f c n__c "},
        {R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"local_shell"},
            {"type":"custom","name":"c","namespace":"n"}]})",
         "", "local_shell n__c "},
    };
    for (const Case& each : cases) {
        chat::Request request;
        std::string body = R"({"model":"m","input":[{"role":"user","content":"x"},
            {"type":"tool_search_output","tools":[{"type":"function","name":"s"}]}],"tools":[
            {"type":"local_shell"},{"type":"namespace","name":"n","tools":[
             {"type":"function","name":"f"}]},{"type":"custom","name":"c"},
            {"type":"namespace","name":"n","tools":[{"type":"custom","name":"c"}]}],
            "tool_choice":)";
        body.append(each.choice).append("}");
        ASSERT_TRUE(responses_door::decode_request(std::move(body), request));
        EXPECT_EQ(request.tool_choice.name, each.name) << each.choice;
        std::string names;
        for (const chat::Tool& tool : request.tools)
            names.append(tool.name).append(" ");
        EXPECT_EQ(names, each.tools) << each.choice;
        EXPECT_TRUE(request.warnings.empty());
    }
}

TEST(ResponsesDoor, AConversationsKeyIsNobodysName) {
    chat::Request request;
    ASSERT_TRUE(responses_door::decode_request(
        R"({"model":"m","input":"x","prompt_cache_key":"anna@example.org"})", request));
    EXPECT_EQ(request.user_id.size(), 64U);
    EXPECT_EQ(request.user_id.find("anna"), std::string_view::npos);
}

}  // namespace
}  // namespace ccr::dialect
