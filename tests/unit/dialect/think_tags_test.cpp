// SPDX-License-Identifier: MIT
// The machine on its own: every cut of every form of tag, in every mode, gives what the whole does.
#include "daemon/dialect/think_tags.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ccr::dialect {
namespace {

// The reply as {reasoning}text, neighbouring pieces of a kind joined; settled at the end.
struct Told {
    std::string shape;
    void add(const std::vector<ThinkTags::Piece>& pieces) {
        for (const auto& piece : pieces) {
            EXPECT_FALSE(piece.text.empty());
            if (reasoning != piece.reasoning || shape.empty()) shape += piece.reasoning ? "{" : "}";
            reasoning = piece.reasoning;
            shape += piece.text;
        }
    }
    bool reasoning = false;
};

std::string told(const ThinkTagOptions& options, const std::vector<std::string_view>& pieces) {
    ThinkTags tags(options);
    Told out;
    for (const std::string_view piece : pieces) {
        if (piece.empty()) continue;
        if (tags.settles_with(piece.front())) {
            out.add({{false, std::string(piece)}});
        } else {
            out.add(tags.feed(piece));
        }
    }
    out.add(tags.settle());
    return out.shape;
}

void expect_same_however_cut(const ThinkTagOptions& options, std::string_view text) {
    const std::string whole = told(options, {text});
    for (std::size_t i = 0; i <= text.size(); ++i) {
        for (std::size_t j = i; j <= text.size(); ++j) {
            ASSERT_EQ(told(options, {text.substr(0, i), text.substr(i, j - i), text.substr(j)}),
                      whole)
                << text << " cut at " << i << " and " << j;
        }
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i)
        bytes.push_back(text.substr(i, 1));
    ASSERT_EQ(told(options, bytes), whole) << text << " byte by byte";
}

const std::vector<std::string>& replies() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> out;
        for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{
                 {"<think>", "</think>"},
                 {"<thinking>", "</thinking>"},
                 {"<thought>", "</thought>"},
                 {"<reasoning>", "</reasoning>"},
                 {"\u25C1think\u25B7", "\u25C1/think\u25B7"},
                 {"<THINK>", "</Think>"},
                 {"<think>", "</reasoning>"},
                 {"<thinking>", "\u25C1/think\u25B7"}}) {
            out.push_back(open + "a<b" + close + "ok");
            out.push_back(" \n" + open + "a </" + close + "\n\nok");
            out.push_back(open + "a" + close + "\r\nx " + open + "b" + close);
            out.push_back(open + "unclosed</thi");
            out.push_back(open + close);
            out.push_back("x" + open + "a" + close + "`" + open + "`" + open);
            out.push_back("a" + close + "b");
        }
        out.insert(out.end(),
                   {"", "plain", "<thi", "<thin ice>", "\u25C1thi", "\u25C7", "   ",
                    "```\n<think>\n```\n<think>a</think>b", "~~~\n<think>a\n~~~ \n<think>c",
                    "``<think>`` <think>`</think>`", "`a\n<think>b</think>c"});
        return out;
    }();
    return all;
}

TEST(ThinkTags, TheCutsOfTheTextNeverMatter) {
    using enum ThinkTagMode;
    for (const ThinkTagMode mode : {strip, convert, keep}) {
        for (const bool implicit : {false, true}) {
            for (const bool anywhere : {false, true}) {
                ThinkTagOptions options;
                options.mode = mode;
                options.implicit = implicit;
                options.anywhere = anywhere;
                for (const std::string& reply : replies())
                    expect_same_however_cut(options, reply);
            }
        }
    }
}

struct Row {
    std::string_view text;
    std::string_view shape;
};

TEST(ThinkTags, AnywhereMeansOutsideOfCode) {
    ThinkTagOptions options;
    options.mode = ThinkTagMode::convert;
    options.anywhere = true;
    const Row rows[] = {
        {"x<think>a</think>y<think>b</think>", "}x{a}y{b"},
        {"`<think>` <think>a</think>", "}`<think>` {a"},
        {"``a`<think>`` b", "}``a`<think>`` b"},
        {"```xml\n<think>x</think>\n```\n<think>a</think>b",
         "}```xml\n<think>x</think>\n```\n{a}b"},
        {"````\n```\n<think>\n````\n<think>a", "}````\n```\n<think>\n````\n{a"},
        {"a ` b\n<think>c</think>d", "}a ` b\n{c}d"},
    };
    for (const Row& row : rows)
        EXPECT_EQ(told(options, {row.text}), row.shape) << row.text;
}

TEST(ThinkTags, OnlyTheBeginningCountsOtherwise) {
    ThinkTagOptions options;
    options.mode = ThinkTagMode::convert;
    EXPECT_EQ(told(options, {"x<think>a</think>"}), "}x<think>a</think>");
    EXPECT_EQ(told(options, {"<think>a</think>b<think>c"}), "{a}b<think>c");
    EXPECT_EQ(told(options, {std::string(65, ' ') + "<think>a"}),
              "}" + std::string(65, ' ') + "<think>a");
}

TEST(ThinkTags, LongRepliesAreCutAtTheSamePlaces) {
    ThinkTagOptions options;
    options.mode = ThinkTagMode::convert;
    options.implicit = true;
    for (const std::size_t size : {8180U, 8184U, 8185U, 8192U, 8300U}) {
        const std::string text = std::string(size, 'x') + "</think>ok";
        const std::string whole = told(options, {text});
        for (const std::size_t cut : {1UL, size - 1, size, size + 4, size + 8})
            ASSERT_EQ(told(options, {std::string_view(text).substr(0, cut),
                                     std::string_view(text).substr(cut)}),
                      whole)
                << size << " at " << cut;
    }
}

TEST(ThinkTags, TagsCanBeChosen) {
    const TagSet set({*tag_pair("plan"), *tag_pair("[THINK]"), *tag_pair("\u300Cidea\u300D")});
    ThinkTagOptions options;
    options.mode = ThinkTagMode::convert;
    options.tags = &set;
    for (const std::string_view text :
         {"<plan>a</plan>b", "[think]a[/THINK]b", "\u300Cidea\u300Da\u300C/idea\u300Db"}) {
        EXPECT_EQ(told(options, {text}), "{a}b") << text;
        expect_same_however_cut(options, text);
    }
    EXPECT_EQ(told(options, {"<think>a</think>"}), "}<think>a</think>");
    for (const std::string_view text : {"", " x", "<", "a b"})
        EXPECT_FALSE(tag_pair(text)) << text;
}

TEST(ThinkTags, APlainReplyIsSettledByItsFirstByte) {
    ThinkTags tags((ThinkTagOptions()));
    EXPECT_FALSE(tags.settled());
    EXPECT_TRUE(tags.settles_with('H'));
    EXPECT_TRUE(tags.settled());
    for (const char first : {'<', ' ', '\\', '\xE2'}) {
        ThinkTags other((ThinkTagOptions()));
        EXPECT_FALSE(other.settles_with(first)) << first;
    }
}

}  // namespace
}  // namespace ccr::dialect
