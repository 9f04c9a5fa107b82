// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/dialect/anthropic_reply.hpp"

namespace ccr::dialect {
namespace {

std::string recorded(std::string_view name) {
    std::ifstream in(
        std::filesystem::path(CCR_TEST_DATA) / "dialect" / "streams" / (std::string(name) + ".sse"),
        std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

struct Tapped {
    json::Document scratch;
    Profile profile;
    AnthropicTap tap{DecodeOptions{&profile, &scratch, {}}};
};

TEST(AnthropicTap, WatchesAStreamHoweverItIsCut) {
    const std::string sse = recorded("anthropic");
    ASSERT_FALSE(sse.empty());
    for (std::size_t cut = 1; cut < 300; cut += 13) {
        Tapped t;
        for (std::size_t at = 0; at < sse.size(); at += cut) {
            const std::string piece = sse.substr(at, cut);
            t.tap.feed(piece);
            const bool shown =
                sse.substr(0, at + piece.size()).find("\"index\":0,\"content_block") !=
                std::string::npos;
            EXPECT_LE(t.tap.committed(), shown);
        }
        t.tap.finish();
        EXPECT_TRUE(t.tap.committed());
        EXPECT_TRUE(t.tap.complete());
        EXPECT_TRUE(t.tap.ended());
        EXPECT_FALSE(t.tap.error().has_value());
        EXPECT_EQ(t.tap.usage().input_tokens, 25);
        EXPECT_EQ(t.tap.usage().cache_read_tokens, 10);
        EXPECT_EQ(t.tap.usage().output_tokens, 40);
    }
}

TEST(AnthropicTap, CommitsWithTheFirstBlock) {
    Tapped t;
    t.tap.feed(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n");
    t.tap.feed("event: ping\ndata: {\"type\": \"ping\"}\n\n");
    EXPECT_FALSE(t.tap.committed());
    t.tap.feed(
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0}\n");
    EXPECT_GT(t.tap.unfinished(), 0U);
    t.tap.feed("\n");
    EXPECT_TRUE(t.tap.committed());
    EXPECT_EQ(t.tap.unfinished(), 0U);
    EXPECT_FALSE(t.tap.complete());
}

TEST(AnthropicTap, ReportsErrorsInsideAStream) {
    Tapped t;
    t.tap.feed(recorded("anthropic-error"));
    ASSERT_TRUE(t.tap.error().has_value());
    EXPECT_EQ(t.tap.error()->kind, ErrorKind::overloaded);
    EXPECT_FALSE(t.tap.complete());
}

TEST(AnthropicTap, ReadsStreamsWithoutEventNames) {
    Tapped t;
    t.tap.feed(
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":4}}}\n\n"
        "data: {\"type\":\"content_block_start\",\"index\":0}\n\n"
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
        "\"usage\":{\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n");
    EXPECT_TRUE(t.tap.committed());
    EXPECT_TRUE(t.tap.ended());
    EXPECT_EQ(t.tap.usage().input_tokens, 4);
    EXPECT_EQ(t.tap.usage().output_tokens, 2);
}

TEST(AnthropicTap, ReadsABody) {
    Tapped t;
    t.tap.body(R"({"id":"m","model":"x","content":[],"stop_reason":"end_turn",
        "usage":{"input_tokens":3,"output_tokens":1}})");
    EXPECT_TRUE(t.tap.complete());
    EXPECT_EQ(t.tap.usage().input_tokens, 3);
    Tapped bad;
    bad.tap.body(R"({"type":"error","error":{"type":"rate_limit_error","message":"x"}})");
    ASSERT_TRUE(bad.tap.error().has_value());
    EXPECT_EQ(bad.tap.error()->kind, ErrorKind::rate_limited);
    Tapped html;
    html.tap.body("<html>");
    EXPECT_EQ(html.tap.error()->kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace ccr::dialect
