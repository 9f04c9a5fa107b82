// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_writer.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

// Any events in any order: what the writer is given is not what it has to be able to rely on.
class AnyEvents {
  public:
    explicit AnyEvents(unsigned seed) : random_(seed) {}

    // The views of an event point into this object until the next call.
    chat::Event next() {
        static constexpr std::string_view texts[] = {"a", "\\n", " ", "", "\\\"q\\\"", "é", "###"};
        static constexpr std::string_view pieces[] = {
            "{", "}", "{}", R"({\"x\":)", "1}", R"(\")", "", "[", "]", " ", R"(\\)", "null"};
        text_ = texts[pick(7)];
        const auto key = static_cast<std::uint32_t>(pick(4));
        switch (pick(16)) {
            case 0:
            case 1:
                return chat::TextDelta{{text_}};
            case 2:
            case 3:
                return chat::ReasoningDelta{{text_}};
            case 4:
                return chat::ReasoningState{text_};
            case 5:
            case 6:
                return chat::ToolOpened{key, pick(2) == 0 ? "id" : "", "Tool"};
            case 7:
            case 8:
            case 9:
            case 10:
                return chat::ToolArguments{key, {pieces[pick(12)]}};
            case 11:
                return chat::ToolClosed{key};
            case 12:
                return chat::RefusalDelta{{text_}};
            case 13:
                return chat::Finished{static_cast<chat::Stop>(pick(7)), "###", false};
            case 14:
                return chat::UsageReported{};
            default:
                return pick(20) == 0 ? rare() : chat::Event(chat::Started{"id", "model"});
        }
    }
    std::size_t pick(std::size_t count) { return random_() % count; }

  private:
    chat::Event rare() {
        if (pick(3) == 0) return searched();
        if (pick(3) == 0) return chat::Cited{{"https://a"}, {text_}};
        if (pick(3) == 0) {
            return chat::ForeignBlock{"{\"type\":\"server_tool_use\",\n\"input\":{}}",
                                      {pick(2) == 0 ? "" : "{}"}};
        }
        if (pick(2) == 0) return chat::Ended{pick(2) == 0};
        return chat::Failed{Error(ErrorKind::overloaded, "busy")};
    }

    chat::Event searched() {
        static constexpr std::string_view ids[] = {"", "srvtoolu_1", "ws_1"};
        static constexpr chat::SearchHit hits[] = {{{"https://a"}, {}}, {{"https://b"}, {"B"}}};
        return chat::Searched{ids[pick(3)],
                              {text_},
                              std::span(hits).first(pick(3)),
                              pick(4) == 0 ? "unavailable" : ""};
    }

    std::mt19937 random_;
    std::string_view text_;
};

TEST(AnthropicWriter, NoSequenceOfEventsMakesAnIllegalStream) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        ReplyRun run;
        run.context.omit_thinking_text = seed % 3 == 0;
        run.encoded.single_tool_call = seed % 5 == 0;
        if (seed % 4 == 0) run.encoded.emulated_stops = {"##", "a\n"};
        AnyEvents events(seed);
        const auto writer = run.writer();
        const std::size_t count = events.pick(60);
        for (std::size_t i = 0; i < count; ++i) {
            writer->on(events.next());
            if (events.pick(8) == 0) writer->ping();
            if (seed >= 200) continue;
            ASSERT_EQ(read_anthropic_stream(writer->output(), false).problem, "") << seed;
        }
        writer->on(chat::Ended{seed % 2 == 0});
        ASSERT_TRUE(writer->done());
        const ReadReply reply = read_anthropic_stream(writer->output());
        ASSERT_EQ(reply.problem, "") << "seed " << seed << "\n" << writer->output();
    }
}

TEST(AnthropicWriter, NothingIsWrittenBehindTheEnd) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->on(chat::TextDelta{{"a"}});
    writer->on(chat::Ended{true});
    const std::size_t size = writer->output().size();
    writer->on(chat::TextDelta{{"b"}});
    writer->on(chat::Ended{false});
    writer->fail(Error(ErrorKind::reset, "late"));
    writer->ping();
    EXPECT_EQ(writer->output().size(), size);
}

TEST(AnthropicWriter, MessageStartWaitsForContent) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->on(chat::Started{"up", "model"});
    writer->on(chat::TextDelta{{"\\n "}});
    chat::Usage early;
    early.input_tokens = 77;
    writer->on(chat::UsageReported{early});
    EXPECT_EQ(writer->output(), "");
    EXPECT_FALSE(writer->committed());
    writer->on(chat::TextDelta{{"a"}});
    EXPECT_TRUE(writer->committed());
    EXPECT_NE(writer->output().find(R"("input_tokens":77)"), std::string::npos);
}

TEST(AnthropicWriter, IsSatisfiedWhenOnlyUsageCouldFollow) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->on(chat::ToolOpened{0, "a", "A"});
    writer->on(chat::ToolArguments{0, {"{"}});
    writer->on(chat::Finished{chat::Stop::tool_use});
    EXPECT_FALSE(writer->satisfied());
    writer->on(chat::ToolArguments{0, {"}"}});
    EXPECT_TRUE(writer->satisfied());
    EXPECT_FALSE(writer->done());
}

TEST(AnthropicWriter, ErrorTypesInsideAStream) {
    const auto type_of = [](ErrorKind kind, bool committed) {
        ReplyRun run;
        const auto writer = run.writer();
        if (committed) writer->on(chat::TextDelta{{"a"}});
        writer->fail(Error(kind, "why"));
        const ReadReply reply = read_anthropic_stream(writer->output());
        EXPECT_EQ(reply.problem, "");
        EXPECT_EQ(reply.error_message, "why");
        return reply.error_type;
    };
    EXPECT_EQ(type_of(ErrorKind::overloaded, true), "overloaded_error");
    EXPECT_EQ(type_of(ErrorKind::rate_limited, true), "overloaded_error");
    EXPECT_EQ(type_of(ErrorKind::unavailable, true), "overloaded_error");
    EXPECT_EQ(type_of(ErrorKind::timeout, true), "timeout_error");
    EXPECT_EQ(type_of(ErrorKind::reset, true), "api_error");
    EXPECT_EQ(type_of(ErrorKind::context_overflow, true), "api_error");
    EXPECT_EQ(type_of(ErrorKind::context_overflow, false), "invalid_request_error");
}

TEST(AnthropicWriter, WhatWaitsIsBounded) {
    ReplyRun run;
    const auto writer = run.writer();
    writer->on(chat::ToolOpened{0, "a", "A"});
    writer->on(chat::ToolArguments{0, {"{"}});
    const std::string megabyte(1U << 20U, 'x');
    for (int i = 0; i < 17 && !writer->done(); ++i)
        writer->on(chat::TextDelta{{megabyte}});
    EXPECT_TRUE(writer->done());
    const ReadReply reply = read_anthropic_stream(writer->output());
    EXPECT_EQ(reply.problem, "");
    EXPECT_EQ(reply.error_type, "api_error");
}

TEST(AnthropicWriter, LivesOnWithoutTheRequest) {
    ReplyRun run;
    auto request = std::make_unique<chat::Request>();
    request->tools.emplace_back().name = request->keep("WebFetch");
    request->stop_sequences.push_back({request->keep("###")});
    chat::Message turn;
    turn.content.emplace_back(chat::ToolUse{request->keep("call_1"), "WebFetch", "{}"});
    request->messages.push_back(std::move(turn));
    run.context.request = request.get();
    const auto writer = dialect::anthropic_stream_writer(run.context);
    writer->on(chat::TextDelta{{"a"}});
    const auto digest = chat::reply_digest(*request);
    writer->use_digest(*digest);
    request.reset();
    writer->on(chat::ToolOpened{0, "call_1", "webfetch"});
    writer->on(chat::Ended{true});
    const ReadReply reply = read_anthropic_stream(writer->output());
    EXPECT_EQ(reply.shape(), "text[a] tool_use:WebFetch{}");
    EXPECT_NE(reply.blocks.at(1).id, "call_1");
}

TEST(AnthropicBodyWriter, FoldsAReplyIntoOneMessage) {
    const auto body =
        ReplyRun().fold(delta_frame(R"({"reasoning_content":"r"})") +
                        delta_frame(R"({"content":"a\n"})") + delta_frame(R"({"content":"b"})") +
                        frame(R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}],
              "usage":{"prompt_tokens":4,"completion_tokens":2}})"));
    ASSERT_TRUE(body);
    json::Document document;
    const auto root = document.parse_view(*body);
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)["id"].str(), "msg_test");
    EXPECT_EQ((*root)["type"].str(), "message");
    EXPECT_EQ((*root)["role"].str(), "assistant");
    EXPECT_EQ((*root)["model"].str(), "claude-test");
    EXPECT_EQ((*root)["content"].size(), 2U);
    EXPECT_EQ((*root)["content"].at(0)["thinking"].str(), "r");
    EXPECT_TRUE((*root)["content"].at(0)["signature"].str().starts_with("ccr1."));
    EXPECT_EQ((*root)["content"].at(1)["text"].str(), "a\nb");
    EXPECT_EQ((*root)["stop_reason"].str(), "max_tokens");
    EXPECT_EQ((*root)["usage"].raw(),
              R"({"input_tokens":4,"output_tokens":2,"server_tool_use":null})");
}

Result<std::string> fold_arguments(std::string_view arguments, bool as_text = false) {
    ReplyRun run;
    run.context.bad_arguments_as_text = as_text;
    return run.fold_body(R"({"choices":[{"index":0,"message":{"tool_calls":[{"id":"c",
        "function":{"name":"A","arguments":")" +
                         json::escape(arguments) + R"("}}]},"finish_reason":"tool_calls"}]})");
}

TEST(AnthropicBodyWriter, ArgumentsThatCameTwiceCountOnce) {
    const auto body = fold_arguments(R"({"x":1}{"x":1})");
    ASSERT_TRUE(body);
    EXPECT_NE(body->find(R"("content":[{"type":"tool_use","id":"c","name":"A","input":{"x":1}}])"),
              std::string::npos);
}

TEST(AnthropicBodyWriter, TwoObjectsAreTwoCalls) {
    const auto body = fold_arguments(R"({"x":1} {"x":2})");
    ASSERT_TRUE(body);
    json::Document document;
    const auto content = (*document.parse_view(*body))["content"];
    ASSERT_EQ(content.size(), 2U);
    EXPECT_EQ(content.at(1)["input"].raw(), R"({"x":2})");
    EXPECT_NE(content.at(0)["id"].str(), content.at(1)["id"].str());
}

TEST(AnthropicBodyWriter, BrokenArgumentsAreAnErrorOrText) {
    for (const std::string_view broken : {R"({"x":)", "[1]", "ls -l", R"({"x":1}})"}) {
        const auto body = fold_arguments(broken);
        ASSERT_FALSE(body) << broken;
        EXPECT_EQ(body.error().kind, ErrorKind::malformed);
        const auto text = fold_arguments(broken, true);
        ASSERT_TRUE(text) << broken;
        EXPECT_NE(text->find(R"("type":"text","text":"A()"), std::string::npos);
        EXPECT_NE(text->find(R"("stop_reason":"end_turn")"), std::string::npos);
    }
}

TEST(AnthropicBodyWriter, AFailureInTheReplyIsTheResult) {
    const auto failed = ReplyRun().fold(delta_frame(R"({"content":"a"})") +
                                        frame(R"({"error":{"message":"no","code":503}})"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::overloaded);
    const auto cut = ReplyRun().fold(delta_frame(R"({"content":"a"})"));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().kind, ErrorKind::eof);
}

}  // namespace
}  // namespace ccr::testing
