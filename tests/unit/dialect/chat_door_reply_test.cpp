// SPDX-License-Identifier: MIT
// Chat Completions replies to clients, written and read again.
#include <gtest/gtest.h>

#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/freeform_input.hpp"
#include "daemon/dialect/openai_chat_reply.hpp"
#include "tests/testing/door_grammar.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::dialect {
namespace {

constexpr std::string_view arguments = R"({\"place\":\"Rom\\\"e\"})";

struct Reply {
    Reply() {
        request.tools.resize(2);
        request.tools[0].name = "f";
        request.tools[1].name = "c";
        request.tools[1].freeform = true;
        context.message_id = "msg_1";
        context.model = "asked";
        context.created = 7;
        context.encoded = &encoded;
        context.request = &request;
        context.envelope_key = "key";
        context.reasoning_family = "generic";
    }
    // Thoughts, text, and two calls whose arguments come mixed.
    static void say(chat::EventSink& sink) {
        sink.on(chat::ReasoningDelta{{"Hm"}});
        sink.on(chat::TextDelta{{R"(A \"b\")"}});
        sink.on(chat::ToolOpened{1, "call_1", "f"});
        sink.on(chat::ToolOpened{2, "call_2", "c"});
        sink.on(chat::ToolArguments{2, {R"({\"inp)"}});
        sink.on(chat::ToolArguments{1, {arguments}});
        sink.on(chat::ToolArguments{2, {R"(ut\": \"x\\u00)"}});
        sink.on(chat::ToolArguments{2, {R"(e9\\ny\"})"}});
        chat::Usage usage;
        usage.input_tokens = 3;
        usage.cache_read_tokens = 4;
        usage.output_tokens = 5;
        sink.on(chat::Finished{chat::Stop::tool_use});
        sink.on(chat::UsageReported{usage});
        sink.on(chat::Ended{});
    }
    std::string stream() {
        const auto writer = chat_door::stream_writer(context);
        say(*writer);
        EXPECT_TRUE(writer->done());
        EXPECT_EQ(testing::problem_of_chat_stream(writer->output()), "");
        return writer->output();
    }
    Encoded encoded;
    chat::Request request;
    ReplyContext context;
};

std::string read_again(std::string_view sse, std::size_t cut) {
    static const Profile profile;
    json::Document scratch;
    testing::EventLog log;
    OpenaiChatReply decoder(DecodeOptions{&profile, &scratch, {}});
    testing::feed_stream(decoder, sse, cut, log);
    return log.text;
}

TEST(ChatDoorReply, Conformance_Case86_StreamsByTheRulesOfTheSdk) {
    Reply reply;
    const std::string out = reply.stream();
    EXPECT_TRUE(out.starts_with(R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk",)"
                                R"("created":7,"model":"asked","choices":[{"index":0,"delta":)"
                                R"({"role":"assistant",)"));
    EXPECT_TRUE(out.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(out.find("\"usage\""), std::string::npos);
    EXPECT_EQ(out.find("\"index\":2"), std::string::npos);
    EXPECT_NE(out.find(R"("finish_reason":"tool_calls"}]})"), std::string::npos);
    reply.request.stream_usage = true;
    const std::string counted = reply.stream();
    EXPECT_NE(counted.find(R"("choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,)"),
              std::string::npos);
    EXPECT_NE(counted.find(R"("usage":null})"), std::string::npos);
}

TEST(ChatDoorReply, ReadsTheSameHoweverItIsCut) {
    Reply reply;
    const std::string sse = reply.stream();
    const std::string whole = read_again(sse, 0);
    EXPECT_NE(whole.find("Hm"), std::string::npos);
    EXPECT_NE(whole.find(R"(Rom)"), std::string::npos);
    for (std::size_t cut = 1; cut < 40; ++cut)
        EXPECT_EQ(read_again(sse, cut), whole) << cut;
}

TEST(ChatDoorReply, FoldsIntoABody) {
    Reply reply;
    const auto writer = chat_door::body_writer(reply.context);
    Reply::say(*writer);
    const auto body = writer->finish();
    ASSERT_TRUE(body);
    json::Document document;
    const auto root = document.parse_view(*body);
    ASSERT_TRUE(root);
    const json::Value message = (*root)["choices"].at(0)["message"];
    EXPECT_EQ(message["content"].str(), R"(A "b")");
    EXPECT_EQ(message["reasoning_content"].str(), "Hm");
    EXPECT_EQ(message["tool_calls"].at(0)["function"]["arguments"].str(), R"({"place":"Rom\"e"})");
    EXPECT_EQ(message["tool_calls"].at(1)["custom"]["input"].str(), "x\xC3\xA9\ny");
    EXPECT_EQ((*root)["usage"]["total_tokens"].integer(), 12);
}

TEST(ChatDoorReply, EndsAFailedStreamWithoutAnythingThatLooksWhole) {
    const Reply reply;
    const auto writer = chat_door::stream_writer(reply.context);
    writer->on(chat::TextDelta{{"A"}});
    writer->fail(Error(ErrorKind::overloaded, "busy"));
    const std::string& out = writer->output();
    EXPECT_TRUE(
        out.ends_with("data: {\"error\":{\"message\":\"busy\",\"type\":\"server_error\","
                      "\"param\":null,\"code\":\"server_is_overloaded\"}}\n\n"));
    EXPECT_EQ(out.find("[DONE]"), std::string::npos);
}

TEST(ChatDoorReply, TellsARefusal) {
    const Reply reply;
    const auto writer = chat_door::stream_writer(reply.context);
    writer->on(chat::RefusalDelta{{"No"}});
    writer->on(chat::Finished{chat::Stop::refusal});
    writer->on(chat::Ended{});
    EXPECT_NE(writer->output().find(R"("refusal":"No")"), std::string::npos);
    EXPECT_NE(writer->output().find(R"("finish_reason":"content_filter")"), std::string::npos);
}

TEST(OpenaiErrors, HaveStatusAndCode) {
    EXPECT_EQ(openai_errors.status(ErrorKind::billing), 429);
    EXPECT_EQ(openai_errors.status(ErrorKind::overloaded), 503);
    EXPECT_EQ(openai_errors.status(ErrorKind::model_missing), 404);
    EXPECT_EQ(openai_errors.status(ErrorKind::auth), 502);
    const auto body = [](ErrorKind kind) { return openai_errors.body(Error(kind, "x"), ""); };
    EXPECT_NE(body(ErrorKind::context_overflow).find("context_length_exceeded"), std::string::npos);
    EXPECT_NE(body(ErrorKind::billing).find("insufficient_quota"), std::string::npos);
    EXPECT_NE(body(ErrorKind::rejected).find(R"("code":null)"), std::string::npos);
}

TEST(FreeformInput, IsTheSameHoweverItIsCut) {
    const std::string text =
        json::escape("{ \"input\" : \"a\\\"b\\\\ \\uD83D\\uDE00\\n\xC3\xA9\" }");
    FreeformInput at_once;
    const std::string whole = at_once.feed({text}) + at_once.finish();
    EXPECT_EQ(json::unescape(whole), "a\"b\\ \xF0\x9F\x98\x80\n\xC3\xA9");
    FreeformInput reader;
    std::string joined;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = text[at] == '\\' ? 2 : 1;
        joined += reader.feed({std::string_view(text).substr(at, length)});
        at += length;
    }
    EXPECT_EQ(joined + reader.finish(), whole);
    FreeformInput other;
    EXPECT_EQ(other.feed({R"({\"text\":1})"}), "");
    EXPECT_EQ(other.finish(), R"({\"text\":1})");
}

}  // namespace
}  // namespace ccr::dialect
