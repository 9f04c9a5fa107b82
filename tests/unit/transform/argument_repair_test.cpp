// SPDX-License-Identifier: MIT
#include "daemon/transform/argument_repair.hpp"

#include <gtest/gtest.h>

#include <random>

#include "common/json.hpp"

namespace ccr::transform {
namespace {

std::string repaired(std::string_view text, std::size_t size = 0, bool cut = false) {
    ArgumentRepair repair;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size == 0 ? text.size() : size)
        repair.feed(text.substr(at, size == 0 ? text.size() : size), out);
    repair.finish(cut, out);
    return out;
}

struct Row {
    std::string_view text;
    std::string_view mended;
};

const Row broken[] = {
    {"{'a': 'b'}", R"({"a": "b"})"},
    {"{a: 1, b_c: true}", R"({"a": 1, "b_c": true})"},
    {R"({"a": "it's"})", R"({"a": "it's"})"},
    {"{'a': 'it's \"x\"'}", R"({"a": "it's \"x\""})"},
    {R"({"a": 1,})", R"({"a": 1})"},
    {R"({"a": [1, 2, ], })", R"({"a": [1, 2 ] })"},
    {R"({"a": 1,, "b": 2})", R"({"a": 1, "b": 2})"},
    {R"({"a": 1 "b": 2})", R"({"a": 1, "b": 2})"},
    {R"({a: 5 apples, b: 5 "pears"})", R"({"a": "5 apples", "b": 5, "pears":null})"},
    {"{\"a\": \"1\"\n \"b\": 2}", "{\"a\": \"1\",\n \"b\": 2}"},
    {"{\"a\": [\"1\" \"2\"]}", "{\"a\": [\"1\", \"2\"]}"},
    {R"({"a" 1, "b"= 2})", R"({"a": 1, "b": 2})"},
    {R"({"a": {"b": [1, 2)", R"({"a": {"b": [1, 2]}})"},
    {R"({"a": "b)", R"({"a": "b"})"},
    {R"({"a": "b\)", R"({"a": "b"})"},
    {R"({"a": "b\u12)", R"({"a": "b"})"},
    {R"({"a":)", R"({"a":null})"},
    {R"({"a")", R"({"a":null})"},
    {R"({)", R"({})"},
    {R"({"a": [1, 2}})", R"({"a": [1, 2]})"},
    {R"({"a": "say "hi" now"})", R"({"a": "say \"hi\" now"})"},
    {R"({"a": "he said "yes""})", R"({"a": "he said \"yes\""})"},
    {R"({"a": "", "b": ""})", R"({"a": "", "b": ""})"},
    {"{\"a\": \"x\ny\tz\"}", R"({"a": "x\ny\tz"})"},
    {R"({"a": "\d+ \U \' \x"})", R"({"a": "\\d+ \\U ' \\x"})"},
    {R"({"a": "\u12zz"})", R"({"a": "\\u12zz"})"},
    {"{\"a\": 1 // one\n, /* two */ \"b\": 2}", "{\"a\": 1 \n,  \"b\": 2}"},
    {"{\"url\": \"http://x/*y*/\"}", "{\"url\": \"http://x/*y*/\"}"},
    {"{a: True, b: False, c: None, d: undefined}",
     R"({"a": true, "b": false, "c": null, "d": null})"},
    {"{a: 0x1F, b: +5, c: .5, d: 5., e: -.5}",
     R"({"a": 31, "b": 5, "c": 0.5, "d": 5.0, "e": -0.5})"},
    {"{cmd: ls -la /tmp, n: 007}", R"({"cmd": "ls -la /tmp", "n": "007"})"},
    {"{p: /usr/bin}", R"({"p": "/usr/bin"})"},
    {"```json\n{\"a\": 1}\n```", R"({"a": 1})"},
    {"Here you are: {\"a\": 1} Enjoy!", R"({"a": 1})"},
    {R"("{\"a\": \"b\\nc \\\"q\\\"\"}")", R"({"a": "b\nc \"q\""})"},
    {R"({\"a\": \"b\", \"c\": 1})", R"({"a": "b", "c": 1})"},
    {R"({"a": 1}})", R"({"a": 1})"},
    {R"({"a": 1}{"b": 2})", R"({"a": 1}{"b": 2})"},
    {"null", "{}"},
    {"None", "{}"},
    // Beyond help: nothing is made up and nothing is lost.
    {"just words", "just words"},
    {"[1, 2", "[1, 2"},
    {"", ""},
};

TEST(ArgumentRepair, MendsWhatIsBroken) {
    for (const Row& row : broken) {
        EXPECT_EQ(repaired(row.text), row.mended) << row.text;
        const bool object = row.mended.starts_with('{') && row.mended.find("}{") == row.mended.npos;
        EXPECT_EQ(object, bool(json::Document().parse_view(row.mended))) << row.mended;
    }
}

TEST(ArgumentRepair, TheCutsDoNotMatter) {
    for (const Row& row : broken) {
        for (std::size_t size = 1; size < row.text.size(); ++size)
            ASSERT_EQ(repaired(row.text, size), repaired(row.text)) << row.text << " by " << size;
    }
}

TEST(ArgumentRepair, AStoppedModelsArgumentsAreNotCompleted) {
    EXPECT_EQ(repaired(R"({"a": "b)", 1, true), R"({"a": "b)");
    EXPECT_EQ(repaired(R"({"a": [1, )", 1, true), R"({"a": [1)");
    EXPECT_EQ(repaired(R"({"a": 1})", 1, true), R"({"a": 1})");
}

// Any JSON object, with white space where it may stand.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}
    std::string object(int depth = 0) {
        std::string out = "{";
        const int members = pick(4);
        for (int i = 0; i < members; ++i)
            out += (i > 0 ? "," : "") + space() + string() + space() + ":" + space() +
                   value(depth) + space();
        return out + (members == 0 ? space() : "") + "}";
    }

  private:
    int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
    std::string space() {
        constexpr std::string_view spaces[] = {"", "", " ", "\n", "\t ", "\r\n  "};
        return std::string(spaces[pick(6)]);
    }
    std::string string() {
        constexpr std::string_view pieces[] = {"a",
                                               " ",
                                               ",",
                                               "}",
                                               "{",
                                               "]",
                                               ":",
                                               "'",
                                               "`",
                                               "//",
                                               "/*",
                                               "\\\"",
                                               "\\n",
                                               "\\\\",
                                               "\\u00e9",
                                               "\\/",
                                               "ü",
                                               "🌦",
                                               "\\ud83d\\ude00",
                                               "null",
                                               "\\t",
                                               "="};
        std::string out = "\"";
        for (int i = pick(6); i > 0; --i)
            out += pieces[pick(22)];
        return out + "\"";
    }
    std::string value(int depth) {
        constexpr std::string_view words[] = {"true", "false",    "null",
                                              "0",    "-1.50e+3", "12345678901234567890"};
        const int kind = pick(depth < 3 ? 5 : 3);
        if (kind == 0) return std::string(words[pick(6)]);
        if (kind == 3) return object(depth + 1);
        if (kind != 4) return string();
        std::string out = "[";
        const int items = pick(4);
        for (int i = 0; i < items; ++i)
            out += (i > 0 ? "," : "") + space() + value(depth + 1) + space();
        return out + "]";
    }
    std::mt19937 random_;
};

TEST(ArgumentRepair, CorrectJsonGoesThroughUnchanged) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        const std::string text = Generator(seed).object();
        ASSERT_TRUE(json::Document().parse_view(text)) << text;
        ASSERT_EQ(repaired(text), text);
        ASSERT_EQ(repaired(text, 1 + seed % 7), text);
    }
}

TEST(ArgumentRepair, WhateverComesAnObjectComesOutOrTheTextItself) {
    constexpr std::string_view alphabet = "{}[]:,\"'`\\/* \nabu01=t";
    for (unsigned seed = 0; seed < 20000; ++seed) {
        std::mt19937 random(seed);
        std::string text = "{";
        for (unsigned i = random() % 24; i > 0; --i)
            text += alphabet[random() % alphabet.size()];
        const std::string out = repaired(text);
        const auto end = out.find("}{");  // what follows the first object is another call's
        if (end != std::string::npos) continue;
        EXPECT_TRUE(json::Document().parse_view(out)) << text << "\n" << out;
        ASSERT_EQ(repaired(text, 1), out) << text;
    }
}

TEST(ArgumentRepair, GoodArgumentsAreNotHeldBack) {
    ArgumentRepair repair;
    std::string out;
    repair.feed(R"({"file": "abc)", out);
    EXPECT_EQ(out, R"({"file": "abc)");
    repair.feed(R"(", "x": )", out);
    EXPECT_EQ(out, R"({"file": "abc", "x":)");
    EXPECT_FALSE(repair.whole());
    repair.feed("[]}", out);
    EXPECT_EQ(out, R"({"file": "abc", "x": []})");
    EXPECT_TRUE(repair.whole());
}

}  // namespace
}  // namespace ccr::transform
