// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "daemon/dialect/plain_delta.hpp"
#include "daemon/dialect/sse.hpp"
#include "tests/testing/reply_run.hpp"

namespace ccr::testing {
namespace {

std::string chunk(std::string_view delta, std::string_view more = "") {
    return R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":)"
           R"([{"index":0,"delta":)" +
           std::string(delta) + R"(,"logprobs":null,"finish_reason":null}])" + std::string(more) +
           "}";
}

bool plain(std::string_view text) {
    return dialect::read_plain_delta(text).has_value();
}

TEST(PlainDelta, ReadsTextAndReasoning) {
    const std::string text = chunk(R"({"role":"assistant","content":"a\n\"b\" é\u00e9"})");
    ASSERT_TRUE(plain(text));
    EXPECT_EQ(dialect::read_plain_delta(text)->text.bytes, R"(a\n\"b\" é\u00e9)");
    EXPECT_EQ(
        dialect::read_plain_delta(chunk(R"({"content":null,"reasoning":"r"})"))->reasoning.bytes,
        "r");
    EXPECT_TRUE(plain(chunk(R"({"content":"\\"})")));
    EXPECT_TRUE(plain(chunk("{}", R"(,"usage":null)")));
}

TEST(PlainDelta, LeavesEverythingElseToTheParser) {
    const std::string rest[] = {
        chunk(R"({"content":"a","reasoning":"r"})"),
        chunk(R"({"reasoning":"r","reasoning_content":"r"})"),
        chunk(R"({"content":"a","tool_calls":[]})"),
        chunk(R"({"content":["a"]})"),
        chunk(R"({"content":"\ud83d"})"),
        chunk("{\"content\":\"\xff\"}"),
        chunk("{\"content\":\"\t\"}"),
        chunk(R"({"content":"\x"})"),
        chunk(R"({"content":"\u12"})"),
        chunk(R"({"content":"a"})", R"(,"usage":{})"),
        chunk(R"({"content":"a"})", R"(,"error":"x")"),
        chunk(R"({"content":"a"})") + "x",
        R"({"choices":[{"index":1,"delta":{"content":"a"}}]})",
        R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})",
        R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]})",
        R"({"object":"error","message":"x"})",
        R"({"choices":[]})",
        "",
        "{",
    };
    for (const std::string& text : rest)
        EXPECT_FALSE(plain(text)) << text;
}

TEST(PlainDelta, ACutChunkIsNeverTakenForAWholeOne) {
    const std::string text = chunk(R"({"content":"a\\"})");
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(plain(text.substr(0, size))) << size;
}

// The parser's reading of the same chunk: a member that the short way does not know forces it.
std::string events_the_long_way(std::string chunk) {
    chunk.insert(1, R"("unknown":{},)");
    ReplyRun run;
    EventLog log;
    const auto decoder = run.decoder();
    decoder->event({}, R"({"choices":[{"index":0,"delta":{}}]})", log);
    decoder->event({}, chunk, log);
    return log.text;
}

std::string events_of(std::string_view chunk) {
    ReplyRun run;
    EventLog log;
    const auto decoder = run.decoder();
    decoder->event({}, R"({"choices":[{"index":0,"delta":{}}]})", log);
    decoder->event({}, chunk, log);
    return log.text;
}

TEST(PlainDelta, MeansTheSameAsTheLongWay) {
    namespace fs = std::filesystem;
    std::mt19937 random(3);
    int plain_ones = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(CCR_TEST_DATA) / "dialect/streams")) {
        if (entry.path().extension() != ".sse") continue;
        std::ifstream in(entry.path(), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        const std::string bytes = text.str();
        dialect::SseParser parser;
        dialect::SseEvent event;
        parser.feed(bytes);
        while (parser.next(event)) {
            std::string data(event.data);
            if (!data.starts_with('{')) continue;
            for (int i = 0; i < 40; ++i) {
                // Damage may pass in what nobody reads, never in what is passed on.
                if (plain(data) && json::Document().parse_view(data)) {
                    ++plain_ones;
                    ASSERT_EQ(events_of(data), events_the_long_way(data)) << data;
                }
                data = event.data;
                data[1 + random() % (data.size() - 1)] = static_cast<char>(random() & 0x7FU);
            }
        }
    }
    EXPECT_GT(plain_ones, 100);
}

}  // namespace
}  // namespace ccr::testing
