// SPDX-License-Identifier: MIT
// Case 68, its replies: searches that the provider made, and what the text rests on, for clients of
// all formats.
#include <gtest/gtest.h>

#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/envelope.hpp"
#include "tests/testing/reply_run.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::testing {
namespace {

using chat::Cited;
using chat::Searched;
using chat::SearchHit;
using chat::TextDelta;

constexpr SearchHit pages[] = {{{"https://a"}, {"A \\\"a\\\""}, {"2 days"}}, {{"https://b"}, {}}};
constexpr Cited citation{{"https://a"}, {"A"}, {"so"}, {}, 1, 3};

std::string result_of(const ReadBlock& block, std::string_view member) {
    json::Document document;
    const json::Value content = document.parse_view(block.text).value()["content"];
    std::string out;
    for (const json::Value page : content.elements())
        out.append(out.empty() ? "" : " ").append(page[member].raw());
    return out.empty() ? std::string(content.raw()) : out;
}

std::string folded(ReplyRun& run, const std::vector<chat::Event>& events) {
    const auto writer = dialect::anthropic_body_writer(run.context);
    for (const chat::Event& event : events)
        writer->on(event);
    writer->on(chat::Ended{true});
    return writer->finish().value();
}

ReadReply streamed(ReplyRun& run, const std::vector<chat::Event>& events) {
    const auto writer = run.writer();
    for (const chat::Event& event : events)
        writer->on(event);
    writer->on(chat::Ended{true});
    ReadReply reply = read_anthropic_stream(writer->output());
    EXPECT_EQ(reply.problem, "") << writer->output();
    return reply;
}

TEST(SearchBlocks, ComeWholeInAStream) {
    ReplyRun run;
    const ReadReply reply = streamed(
        run, {Searched{"ws_1", {"is \\\"it\\\" so"}, pages}, TextDelta{{"It is."}}, citation});
    ASSERT_EQ(reply.blocks.size(), 3U);
    EXPECT_EQ(reply.blocks[0].type, "server_tool_use");
    EXPECT_EQ(reply.blocks[0].id, "srvtoolu_ccr_test_0");
    EXPECT_EQ(reply.blocks[0].name, "web_search");
    EXPECT_EQ(reply.blocks[0].input, R"({"query":"is \"it\" so"})");
    EXPECT_EQ(result_of(reply.blocks[1], "url"), R"("https://a" "https://b")");
    EXPECT_EQ(result_of(reply.blocks[1], "title"), R"("A \"a\"" "https://b")");
    EXPECT_EQ(result_of(reply.blocks[1], "page_age"), R"("2 days" null)");
    ASSERT_EQ(reply.blocks[2].citations.size(), 1U);
    EXPECT_EQ(reply.blocks[2].citations[0],
              R"({"type":"web_search_result_location","url":"https://a","title":"A",)"
              R"("cited_text":"so","encrypted_index":")" +
                  dialect::seal("key", "search", "") + "\"}");
    EXPECT_EQ(member(reply.usage, "server_tool_use"), R"({"web_search_requests":1})");
    EXPECT_EQ(member(reply.start_usage, "server_tool_use"), "null");
    EXPECT_EQ(reply.stop_reason, "end_turn");
}

TEST(SearchBlocks, ComeWholeInABody) {
    ReplyRun run;
    const std::string body = folded(run, {Searched{"srvtoolu_x", {"q"}, std::span(pages).first(1)},
                                          TextDelta{{"It is."}}, citation});
    const std::string seal = dialect::seal("key", "search", "");
    EXPECT_EQ(member(body, "content"),
              R"([{"type":"server_tool_use","id":"srvtoolu_x","name":"web_search",)"
              R"("input":{"query":"q"}},{"type":"web_search_tool_result",)"
              R"("tool_use_id":"srvtoolu_x","content":[{"type":"web_search_result",)"
              R"("url":"https://a","title":"A \"a\"","encrypted_content":")" +
                  seal +
                  R"(","page_age":"2 days"}]},{"type":"text","text":"It is.","citations":[)"
                  R"({"type":"web_search_result_location","url":"https://a","title":"A",)"
                  R"("cited_text":"so","encrypted_index":")" +
                  seal + R"("}]}])");
    EXPECT_EQ(member(member(body, "usage"), "server_tool_use"), R"({"web_search_requests":1})");
}

TEST(SearchBlocks, HaveIdsOfTheirOwn) {
    ReplyRun run;
    const ReadReply reply = streamed(
        run, {Searched{"srvtoolu_1", {"q"}, pages}, Searched{"srvtoolu_1", {"q"}, pages},
              Searched{"srvtoolu_ccr_test_9", {"q"}, pages}, Searched{"srvtoolu_-", {}, {}}});
    ASSERT_EQ(reply.blocks.size(), 8U);
    EXPECT_EQ(reply.blocks[0].id, "srvtoolu_1");
    EXPECT_EQ(reply.blocks[2].id, "srvtoolu_ccr_test_1");
    EXPECT_EQ(reply.blocks[4].id, "srvtoolu_ccr_test_2");
    EXPECT_EQ(reply.blocks[6].id, "srvtoolu_ccr_test_3");
    EXPECT_EQ(member(reply.usage, "server_tool_use"), R"({"web_search_requests":4})");
}

TEST(SearchBlocks, TellOfAFailureAndDoNotCountIt) {
    ReplyRun run;
    const ReadReply reply =
        streamed(run, {Searched{{}, {"q"}, {}, "too_many_requests"}, TextDelta{{"no"}}});
    EXPECT_EQ(result_of(reply.blocks[1], "url"),
              R"({"type":"web_search_tool_result_error","error_code":"too_many_requests"})");
    EXPECT_EQ(member(reply.usage, "server_tool_use"), "null");
}

TEST(SearchBlocks, TheProvidersCountIsTheBetterOne) {
    ReplyRun run;
    chat::Usage usage;
    usage.web_searches = 3;
    const ReadReply reply =
        streamed(run, {Searched{{}, {"q"}, pages}, chat::UsageReported{usage}, TextDelta{{"a"}}});
    EXPECT_EQ(member(reply.usage, "server_tool_use"), R"({"web_search_requests":3})");
}

TEST(SearchBlocks, WaitForACallToEnd) {
    ReplyRun run;
    const ReadReply reply =
        streamed(run, {chat::ToolOpened{0, "t", "T"}, chat::ToolArguments{0, {"{"}},
                       Searched{{}, {"q"}, std::span(pages).first(1)}, TextDelta{{"text"}},
                       citation, chat::ToolArguments{0, {"}"}}, chat::ToolClosed{0}});
    ASSERT_EQ(reply.blocks.size(), 4U);
    EXPECT_EQ(reply.blocks[0].input, "{}");
    EXPECT_EQ(reply.blocks[1].input, R"({"query":"q"})");
    EXPECT_EQ(result_of(reply.blocks[2], "url"), R"("https://a")");
    EXPECT_EQ(reply.blocks[3].citations.size(), 1U);
    EXPECT_EQ(reply.stop_reason, "tool_use");
}

TEST(SearchBlocks, ATextThatIsOverTakesNoCitation) {
    ReplyRun run;
    const ReadReply reply =
        streamed(run, {TextDelta{{"a"}}, Searched{{}, {"q"}, pages}, citation, TextDelta{{"b"}}});
    ASSERT_EQ(reply.blocks.size(), 4U);
    EXPECT_TRUE(reply.blocks[0].citations.empty());
    EXPECT_TRUE(reply.blocks[3].citations.empty());
}

TEST(SearchBlocks, AreBounded) {
    ReplyRun run;
    const std::vector<SearchHit> many(100, SearchHit{{"https://a"}, {"A"}});
    std::vector<chat::Event> events{TextDelta{{"a"}}};
    for (int i = 0; i < 300; ++i)
        events.emplace_back(citation);
    for (int i = 0; i < 100; ++i)
        events.emplace_back(Searched{{}, {"q"}, many});
    const ReadReply reply = streamed(run, events);
    EXPECT_EQ(reply.blocks[0].citations.size(), 256U);
    EXPECT_EQ(reply.blocks.size(), 1U + 2 * 64);
    json::Document document;
    EXPECT_EQ(document.parse_view(reply.blocks[2].text).value()["content"].size(), 64U);
}

}  // namespace
}  // namespace ccr::testing
