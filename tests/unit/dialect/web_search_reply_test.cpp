// SPDX-License-Identifier: MIT
// Case 68, its replies: searches that the provider made, and what the text rests on, for clients of
// all formats.
#include <gtest/gtest.h>

#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/responses_door.hpp"
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

// --- doors of OpenAI's formats

using Say = std::vector<chat::Event>;

template <typename Writer>
void say(Writer& writer, const Say& events) {
    for (const chat::Event& event : events)
        writer.on(event);
    writer.on(chat::Finished{});
    writer.on(chat::Ended{true});
}

struct Doors {
    Doors() {
        run.context.encoded = &run.encoded;
        run.context.request = &run.request;
    }
    std::string chat_stream(const Say& events) {
        const auto writer = dialect::chat_door::stream_writer(run.context);
        say(*writer, events);
        return writer->output();
    }
    std::string chat_message(const Say& events) {
        const auto writer = dialect::chat_door::body_writer(run.context);
        say(*writer, events);
        json::Document document;
        const std::string body = writer->finish().value();
        return std::string(document.parse_view(body).value()["choices"].at(0)["message"].raw());
    }
    std::string responses_stream(const Say& events) {
        const auto writer = dialect::responses_door::stream_writer(run.context);
        say(*writer, events);
        return writer->output();
    }
    std::string responses_output(const Say& events) {
        const auto writer = dialect::responses_door::body_writer(run.context);
        say(*writer, events);
        return member(writer->finish().value(), "output");
    }
    ReplyRun run;
};

// What the values of the frames' member are, one a line.
std::string members_of(std::string_view stream, std::string_view first, std::string_view second) {
    std::string out;
    for (std::string_view line = stream; !line.empty();) {
        const auto end = std::min(line.find('\n'), line.size() - 1);
        const std::string_view data = line.substr(0, end);
        line.remove_prefix(end + 1);
        json::Document document;
        if (!data.starts_with("data: {")) continue;
        const json::Value root = document.parse_view(data.substr(6)).value();
        const json::Value choice = root["choices"].at(0)["delta"];
        const json::Value found = choice[first].present() ? choice[first] : root[second];
        if (found.present()) out.append(found.raw()).append("\n");
    }
    return out;
}

const Say cited_text{Searched{{}, {"q"}, pages}, TextDelta{{R"(\u00fc\ud83d\ude00 )"}},
                     TextDelta{{"it is"}}, citation, Cited{{"https://b"}}};

TEST(SearchDoors, ChatCompletionsGetsAnnotations) {
    Doors doors;
    const std::string first = R"({"type":"url_citation","url_citation":{"url":"https://a",)"
                              R"("title":"A","start_index":1,"end_index":3}})";
    const std::string second = R"({"type":"url_citation","url_citation":{"url":"https://b",)"
                               R"("title":"https://b","start_index":8,"end_index":8}})";
    EXPECT_EQ(members_of(doors.chat_stream(cited_text), "annotations", ""),
              "[" + first + "]\n[" + second + "]\n");
    EXPECT_EQ(member(doors.chat_message(cited_text), "annotations"),
              "[" + first + "," + second + "]");
}

TEST(SearchDoors, ChatCompletionsGetsPagesThatAreNotCited) {
    Doors doors;
    const Say found{Searched{{}, {"q"}, pages}, TextDelta{{"it is"}}, Searched{{}, {"q"}, pages}};
    const std::string both =
        R"([{"type":"url_citation","url_citation":{"url":"https://a","title":"A \"a\"",)"
        R"("start_index":5,"end_index":5}},{"type":"url_citation","url_citation":)"
        R"({"url":"https://b","title":"https://b","start_index":5,"end_index":5}}])";
    EXPECT_EQ(members_of(doors.chat_stream(found), "annotations", ""), both + "\n");
    EXPECT_EQ(member(doors.chat_message(found), "annotations"), both);
    EXPECT_EQ(member(doors.chat_message({TextDelta{{"a"}}}), "annotations"), "");
}

TEST(SearchDoors, ResponsesGetsItemsAndAnnotations) {
    Doors doors;
    const Say two{Searched{{}, {"q"}, pages}, TextDelta{{"ab"}},
                  Searched{{}, {"r"}, {}, "unavailable"}, TextDelta{{"cdef"}},
                  Cited{{"https://a"}, {"A"}, {}, {}, 3, 5}};
    const std::string call = R"({"id":"ws_test_0","type":"web_search_call","status":"completed",)"
                             R"("action":{"type":"search","query":"q"}})";
    const std::string failed = R"({"id":"ws_test_2","type":"web_search_call","status":"failed",)"
                               R"("action":{"type":"search","query":"r"}})";
    const std::string place = R"({"type":"url_citation","url":"https://a","title":"A",)"
                              R"("start_index":1,"end_index":3})";
    const auto text = [](std::string_view id, std::string_view text, std::string_view annotations) {
        return R"({"id":")" + std::string(id) +
               R"(","type":"message","status":"completed","role":"assistant","content":[{"type":)"
               R"("output_text","text":")" +
               std::string(text) + R"(","annotations":[)" + std::string(annotations) +
               R"(],"logprobs":[]}]})";
    };
    const std::string output = "[" + call + "," + text("msg_test_1", "ab", "") + "," + failed +
                               "," + text("msg_test_3", "cdef", place) + "]";
    EXPECT_EQ(doors.responses_output(two), output);
    const std::string stream = doors.responses_stream(two);
    EXPECT_NE(stream.find(R"("output":)" + output), std::string::npos) << stream;
    EXPECT_EQ(members_of(stream, "", "annotation"), place + "\n");
    std::size_t at = 0;
    for (const std::string_view type :
         {"output_item.added", "web_search_call.in_progress", "web_search_call.searching",
          "web_search_call.completed", "output_item.done", "output_text.delta",
          "output_text.annotation.added", "output_text.done", "completed"}) {
        at = stream.find("event: response." + std::string(type) + "\n", at);
        ASSERT_NE(at, std::string::npos) << type;
    }
}

TEST(SearchDoors, ResponsesNamesTheSourcesToWhoAsks) {
    Doors doors;
    ASSERT_TRUE(
        doors.run.request.document.parse(R"({"include":["web_search_call.action.sources"]})"));
    const Say found{Searched{{}, {"q"}, pages}, TextDelta{{"it is"}}};
    const std::string sources =
        R"("sources":[{"type":"url","url":"https://a"},{"type":"url","url":"https://b"}])";
    EXPECT_NE(doors.responses_output(found).find(sources), std::string::npos);
    EXPECT_NE(doors.responses_stream(found).find(sources), std::string::npos);
}

// --- decoders; what each provider's stream means is in the recorded streams

std::string annotation_of(int number) {
    return R"({"type":"url_citation","url_citation":{"url":"https://)" + std::to_string(number) +
           R"(","title":"t","start_index":0,"end_index":1}})";
}

TEST(SearchDecoders, ABodyMeansTheSameAsAStream) {
    ReplyRun run;
    const auto got = run.stream_body(
        R"({"id":"i","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"so",)"
        R"("annotations":[)" +
        annotation_of(1) +
        R"(]},"finish_reason":"stop"}],"search_results":[{"url":"https://2"}]})");
    EXPECT_EQ(got.events,
              "started i m\nsearched  id= <https://2> \ntext so\ncited <https://1> t 0-1\n"
              "finished 0\nended complete\n");
    EXPECT_EQ(got.reply.problem, "");
}

TEST(SearchDecoders, AnnotationsMayComeBehindTheReason) {
    ReplyRun run;
    const std::string late = delta_frame(R"({"annotations":[)" + annotation_of(1) + "]}");
    std::string sse = chat_stream({R"({"content":"so"})"});
    sse.insert(sse.find("data: [DONE]"), late);
    const auto got = run.stream(sse);
    EXPECT_EQ(got.reply.problem, "");
    ASSERT_EQ(got.reply.blocks.size(), 3U);
    EXPECT_EQ(got.reply.blocks[0].citations.size(), 1U);
    EXPECT_EQ(result_of(got.reply.blocks[2], "url"), R"("https://1")");
}

TEST(SearchDecoders, AreBounded) {
    ReplyRun run;
    std::string list;
    for (int i = 0; i < 1000; ++i)
        list += (i == 0 ? "" : ",") + annotation_of(i);
    const auto got =
        run.stream(chat_stream({R"({"content":"so"})", R"({"annotations":[)" + list + "]}"}));
    ASSERT_EQ(got.reply.blocks.size(), 3U);
    EXPECT_EQ(got.reply.blocks[0].citations.size(), 256U);
    json::Document document;
    EXPECT_EQ(document.parse_view(got.reply.blocks[2].text).value()["content"].size(), 64U);
}

TEST(SearchDecoders, GeminisCitationsHaveNoPlaceInTextThatIsNotKept) {
    ReplyRun run;
    run.profile = *profile_of("gemini-native", "gemini-2.5-pro");
    const auto got = run.stream_body(
        R"({"candidates":[{"content":{"parts":[{"text":")" + std::string(300'000, 'x') +
        R"("},{"text":"yz"}]},"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":)"
        R"({"uri":"https://a","title":"A"}}],"groundingSupports":[{"segment":{"startIndex":5,)"
        R"("endIndex":6,"text":"yz"},"groundingChunkIndices":[0]}]}}]})");
    EXPECT_NE(got.events.find("cited <https://a> A 0-0\n"), std::string::npos);
}

// --- from an Anthropic provider

TEST(SearchDoors, AnthropicsOwnSearchesReachThem) {
    const std::string sse = read_file(CCR_TEST_DATA "/dialect/streams/search-anthropic.sse");
    Doors doors;
    doors.run.anthropic_provider = true;
    const auto through = [&](auto writer) {
        const auto decoder = doors.run.decoder();
        feed_stream(*decoder, sse, 0, *writer);
        decoder->end(true, *writer);
        EXPECT_EQ(writer->usage().web_searches, 1);
        return writer;
    };
    const auto chat = through(dialect::chat_door::stream_writer(doors.run.context));
    EXPECT_EQ(members_of(chat->output(), "annotations", ""),
              R"([{"type":"url_citation","url_citation":{"url":"https://n.example/1",)"
              R"("title":"One","start_index":6,"end_index":15}}])"
              "\n");
    const auto responses = through(dialect::responses_door::stream_writer(doors.run.context));
    EXPECT_EQ(members_of(responses->output(), "", "annotation"),
              R"({"type":"url_citation","url":"https://n.example/1","title":"One",)"
              R"("start_index":6,"end_index":15})"
              "\n");
    EXPECT_NE(responses->output().find(R"("status":"completed","action":{"type":"search",)"
                                       R"("query":"is it so"}})"),
              std::string::npos);
}

TEST(SearchDoors, AnthropicsCitationsGoToAnthropicsClientsAsTheyCame) {
    constexpr std::string_view places[] = {
        R"({"type":"char_location","cited_text":"a","document_index":0,"start_char_index":0})",
        R"({"type":"web_search_result_location","url":"https://n","title":null,"cited_text":"b","encrypted_index":"Eo"})"};
    const std::string text = R"({"type":"text","text":"so","citations":[)" +
                             std::string(places[0]) + "," + std::string(places[1]) + "]}";
    ReplyRun run;
    run.anthropic_provider = true;
    const std::string body = R"({"id":"m","model":"m","content":[)" + text +
                             R"(],"stop_reason":"end_turn","usage":{"input_tokens":1}})";
    EXPECT_EQ(member(run.fold_body(body).value(), "content"), "[" + text + "]");
    const auto got = run.stream_body(body);
    EXPECT_EQ(got.reply.problem, "");
    ASSERT_EQ(got.reply.blocks[0].citations.size(), 2U);
    EXPECT_EQ(got.reply.blocks[0].citations[0], places[0]);
    EXPECT_EQ(got.reply.blocks[0].citations[1], places[1]);
}

}  // namespace
}  // namespace ccr::testing
