// SPDX-License-Identifier: MIT
#include "daemon/dialect/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ccr::dialect {
namespace {

// "name|data" of every event, with the bytes in pieces of `cut` (0: whole).
std::vector<std::string> events_of(std::string_view bytes, std::size_t cut = 0) {
    std::vector<std::string> out;
    SseParser parser;
    SseEvent event;
    const auto drain = [&] {
        while (parser.next(event))
            out.push_back(std::string(event.name) + "|" + std::string(event.data));
    };
    while (!bytes.empty()) {
        const std::string piece(bytes.substr(0, cut == 0 ? bytes.size() : cut));
        bytes.remove_prefix(piece.size());
        parser.feed(piece);
        drain();
    }
    parser.finish();
    drain();
    EXPECT_FALSE(parser.overflowed());
    return out;
}

using List = std::vector<std::string>;

TEST(SseParser, FieldsAsTheSpecificationHasThem) {
    EXPECT_EQ(events_of("data: a\n\n"), List{"|a"});
    EXPECT_EQ(events_of("data:a\n\n"), List{"|a"});
    EXPECT_EQ(events_of("data:  a\n\n"), List{"| a"});
    EXPECT_EQ(events_of("event: e\nid: 7\nretry: 10\ndata: a\n\n"), List{"e|a"});
    EXPECT_EQ(events_of("data: a\nevent: e\n\ndata: b\n\n"), (List{"e|a", "|b"}));
    EXPECT_EQ(events_of("data: a\ndata: b\n\n"), List{"|a\nb"});
    EXPECT_EQ(events_of("data\ndata: b\n\n"), List{"|\nb"});
    EXPECT_EQ(events_of("data: a: b\n\n"), List{"|a: b"});
    EXPECT_EQ(events_of("unknown: x\ndatum\ndata: a\n\n"), List{"|a"});
}

TEST(SseParser, EventsWithoutDataAreNone) {
    EXPECT_EQ(events_of("event: e\n\ndata:\n\ndata: a\n\n"), List{"|a"});
    EXPECT_EQ(events_of("\n\n\n: comment\n\n"), List{});
}

TEST(SseParser, AnyLineEndAndAnyCut) {
    const std::string lf =
        ": c\n\nevent: e\ndata: a\ndata: b\n\n\ndata: \xF0\x9F\x8C\x8D\n\ndata: z";
    const List expected{"e|a\nb", "|\xF0\x9F\x8C\x8D", "|z"};
    for (const std::string_view end : {"\n", "\r\n", "\r"}) {
        std::string bytes = "\xEF\xBB\xBF";
        for (const char c : lf)
            c == '\n' ? bytes.append(end) : bytes.append(1, c);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut)
            EXPECT_EQ(events_of(bytes, cut), expected) << cut;
    }
    EXPECT_EQ(events_of("data: a\r\n\rdata: b\n\r\n"), (List{"|a", "|b"}));
}

TEST(SseParser, AnEventEndsWithItsCarriageReturn) {
    SseParser parser;
    SseEvent event;
    parser.feed("data: a\r\r");
    ASSERT_TRUE(parser.next(event));
    EXPECT_EQ(event.data, "a");
    EXPECT_FALSE(parser.next(event));
    EXPECT_EQ(parser.unfinished(), 0U);
    parser.feed("\ndata: b\n\n");
    ASSERT_TRUE(parser.next(event));
    EXPECT_EQ(event.data, "b");
}

TEST(SseParser, BareJsonBetweenEventsIsAnEvent) {
    EXPECT_EQ(events_of("{\"a\":1}\n{\"b\":[2]}\ndata: c\n\n"),
              (List{"|{\"a\":1}", "|{\"b\":[2]}", "|c"}));
    const std::string pretty = "[{\n  \"error\": {\n    \"m\": \"} \\\" \"\n  }\n}]";
    for (std::size_t cut = 0; cut < pretty.size(); ++cut)
        EXPECT_EQ(events_of("\n" + pretty + "\n\ndata: c\n\n", cut), (List{"|" + pretty, "|c"}));
    EXPECT_EQ(events_of("{\"cut\":"), List{"|{\"cut\":"});
}

TEST(SseParser, GivesViewsIntoTheBytesItWasFed) {
    const std::string bytes = "event: e\ndata: abc\n\n";
    SseParser parser;
    SseEvent event;
    parser.feed(bytes);
    ASSERT_TRUE(parser.next(event));
    EXPECT_EQ(event.data.data(), bytes.data() + bytes.find("abc"));
    EXPECT_EQ(event.name.data(), bytes.data() + 7);
    EXPECT_FALSE(parser.next(event));
}

TEST(SseParser, KnowsWhereAnEventEnds) {
    SseParser parser;
    SseEvent event;
    const auto unfinished_after = [&](std::string_view bytes) {
        parser.feed(bytes);
        while (parser.next(event)) {
        }
        return parser.unfinished();
    };
    EXPECT_EQ(unfinished_after(""), 0U);
    EXPECT_EQ(unfinished_after("da"), 2U);
    EXPECT_EQ(unfinished_after("ta: a\n"), 8U);
    EXPECT_EQ(unfinished_after("\n"), 0U);
    EXPECT_EQ(unfinished_after(": keep-alive\n"), 0U);
    EXPECT_EQ(unfinished_after("data: b\n\ndata: c\n"), 8U);
    EXPECT_EQ(unfinished_after("\nevent: x\r\n"), 10U);
}

TEST(SseParser, AnEventIsBounded) {
    SseParser parser;
    SseEvent event;
    const std::string megabyte(1U << 20U, 'x');
    parser.feed("data: ");
    EXPECT_FALSE(parser.next(event));
    for (int i = 0; i < 17; ++i) {
        parser.feed(megabyte);
        EXPECT_FALSE(parser.next(event));
    }
    EXPECT_TRUE(parser.overflowed());
    parser.feed("\n\ndata: a\n\n");
    EXPECT_FALSE(parser.next(event));
}

TEST(SseParser, ALargeEventInSmallPiecesTakesLinearTime) {
    // 8 MiB in 64-byte pieces: 131,072 feeds. Were each one to look at all before it, this would
    // be half a tera of bytes and the test would time out.
    SseParser parser;
    SseEvent event;
    const std::string piece(64, 'x');
    parser.feed("data: ");
    EXPECT_FALSE(parser.next(event));
    for (int i = 0; i < 131072; ++i) {
        parser.feed(piece);
        ASSERT_FALSE(parser.next(event));
    }
    parser.feed("\r\r");
    ASSERT_TRUE(parser.next(event));
    EXPECT_EQ(event.data.size(), 8U << 20U);
}

TEST(SseParser, ManyShortLinesTakeLinearTime) {
    // Carriage returns only: looking for a line feed from each line on would be quadratic.
    std::string bytes;
    for (int i = 0; i < 400000; ++i)
        bytes += "data: x\r\r";
    EXPECT_EQ(events_of(bytes).size(), 400000U);
}

}  // namespace
}  // namespace ccr::dialect
