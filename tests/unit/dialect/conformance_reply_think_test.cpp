// SPDX-License-Identifier: MIT
// Conformance cases about <think> in the text. See CONFORMANCE.md.
#include <gtest/gtest.h>

#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

std::string shape_of(std::string_view text, std::size_t cut, bool implicit = false,
                     dialect::ThinkTagMode mode = dialect::ThinkTagMode::convert) {
    ReplyRun run;
    run.profile.think_implicit = implicit;
    run.profile.think_tags = mode;
    std::vector<std::string> deltas;
    for (std::size_t at = 0; at < text.size(); at += cut) {
        deltas.push_back(R"({"content":")" + json::escape(text.substr(at, cut)) + "\"}");
    }
    const auto got = run.stream(chat_stream(deltas));
    EXPECT_EQ(got.reply.problem, "");
    return got.reply.shape();
}

struct Converting : ReplyRun {
    Converting() { profile.think_tags = dialect::ThinkTagMode::convert; }
};

struct Case {
    std::string_view text;
    std::string_view shape;
};

TEST(Conformance, Case38_ThinkTagsAreToldApartHoweverTheyAreCut) {
    const Case cases[] = {
        {"<think>hm</think>ok", "thinking[hm] text[ok]"},
        {"\n <THINK>hm</Think>\nok", "thinking[hm] text[ok]"},
        {"<thinking> a < b </thought>\n\nok\n", "thinking[ a < b ] text[\nok\n]"},
        {"<reasoning>never closed </thi", "thinking[never closed </thi]"},
        {"<think></think>ok", "text[ok]"},
        {"<thin ice>", "text[<thin ice>]"},
        {"<thi", "text[<thi]"},
        {"plain", "text[plain]"},
    };
    for (const Case& row : cases) {
        for (std::size_t cut = 1; cut <= row.text.size(); ++cut)
            ASSERT_EQ(shape_of(row.text, cut), row.shape) << row.text << " by " << cut;
    }
    // Some servers spell the bracket as an escape.
    const auto escaped = Converting().stream(
        chat_stream({R"({"content":"\u003cthink\u003ehm\u003c/think\u003eok"})"}));
    EXPECT_EQ(escaped.reply.shape(), "thinking[hm] text[ok]");
}

TEST(Conformance, Case38_TaggedReasoningIsStrippedUnlessTheProfileSaysOtherwise) {
    const Case cases[] = {
        {"<think>hm</think>ok", "text[ok]"},
        {"\n <THINK>hm</Think>\nok", "text[ok]"},
        {"<thinking> a < b </thought>\n\nok\n", "text[\nok\n]"},
        {"\u25C1think\u25B7hm\u25C1/think\u25B7ok", "text[ok]"},
        {"<reasoning>never closed </thi", ""},
        {"<think>a</think>b <think>c</think>", "text[b <think>c</think>]"},
        {"<thin ice>", "text[<thin ice>]"},
    };
    using enum dialect::ThinkTagMode;
    EXPECT_EQ(dialect::Profile().think_tags, strip);
    for (const Case& row : cases) {
        for (std::size_t cut = 1; cut <= row.text.size(); ++cut) {
            if (row.text.find("\u25C1") != row.text.npos && cut < row.text.size())
                continue;  // would cut characters
            ASSERT_EQ(shape_of(row.text, cut, false, strip), row.shape)
                << row.text << " by " << cut;
        }
        EXPECT_EQ(shape_of(row.text, 5, false, keep).find("thinking["), std::string::npos);
    }
    EXPECT_EQ(shape_of("<think>hm</think>ok", 2, false, keep), "text[<think>hm</think>ok]");
    EXPECT_EQ(shape_of("hm</think>ok", 2, true, strip), "text[ok]");
}

TEST(Conformance, Case38_AReplyOfWhichNothingIsLeftIsStillWhole) {
    const auto stream = ReplyRun().stream(chat_stream({R"({"content":"<think>hm"})"}));
    EXPECT_EQ(stream.reply.problem, "");
    EXPECT_EQ(stream.reply.shape(), "");
    EXPECT_TRUE(stream.done);
    const auto body = ReplyRun().fold_body(R"({"choices":[{"index":0,"message":
        {"content":"<think>hm</think>"},"finish_reason":"stop"}]})");
    ASSERT_TRUE(body);
    EXPECT_NE(body->find(R"("content":[],"stop_reason":"end_turn")"), std::string::npos) << *body;
}

TEST(Conformance, Case38_TheTemplateMayHaveOpenedTheTag) {
    for (std::size_t cut = 1; cut < 20; ++cut) {
        EXPECT_EQ(shape_of("hm\n</think>\n\nok", cut, true), "thinking[hm\n] text[\nok]");
        EXPECT_EQ(shape_of("<think>hm</think>ok", cut, true), "thinking[hm] text[ok]");
        EXPECT_EQ(shape_of("no tag at all", cut, true), "text[no tag at all]");
    }
    EXPECT_EQ(shape_of("hm</think>ok", 3, false), "text[hm</think>ok]");
    const std::string long_text(20000, 'x');
    EXPECT_EQ(shape_of(long_text, 500, true), "text[" + long_text + "]");
}

TEST(Conformance, Case39_TagsInMidAnswerAreText) {
    const std::string_view text = "Use `<think>` here: <think>x</think> done";
    for (std::size_t cut = 1; cut < text.size(); ++cut)
        ASSERT_EQ(shape_of(text, cut), "text[" + std::string(text) + "]") << cut;
    EXPECT_EQ(shape_of("<think>a</think>b <think>c</think>", 5),
              "thinking[a] text[b <think>c</think>]");
    const auto field = ReplyRun().stream(
        chat_stream({R"({"reasoning_content":"r"})", R"({"content":"<think>a</think>"})"}));
    EXPECT_EQ(field.reply.shape(), "thinking[r] text[<think>a</think>]");
    const auto tool = ReplyRun().stream(chat_stream({R"({"tool_calls":[{"index":0,"id":"c",
        "function":{"name":"T","arguments":"{\"x\":\"<think>a</think>\"}"}}]})"}));
    EXPECT_EQ(tool.reply.shape(), R"(tool_use:T{"x":"<think>a</think>"})");
}

TEST(ThinkTags, WhatIsHeldBackComesBeforeATool) {
    const auto got = Converting().stream(chat_stream(
        {R"({"content":"<think>hm</th"})",
         R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"T","arguments":"{}"}}]})",
         R"({"content":"<think>late"})"}));
    EXPECT_EQ(got.reply.shape(), "thinking[hm</th] tool_use:T{} text[<think>late]");
}

TEST(ThinkTags, WorkInABodyToo) {
    const auto body = Converting().fold_body(R"({"choices":[{"index":0,"message":
        {"content":"<think>hm</think>\n\nok"},"finish_reason":"stop"}]})");
    ASSERT_TRUE(body);
    EXPECT_NE(body->find(R"("thinking":"hm")"), std::string::npos);
    EXPECT_NE(body->find(R"("text":"\nok")"), std::string::npos);
}

}  // namespace
}  // namespace ccr::testing
