// SPDX-License-Identifier: MIT
#include "common/config/json5.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace ccr::json5 {
namespace {

Value parsed(std::string_view text) {
    const Parsed out = parse(text);
    for (const SyntaxError& error : out.errors)
        ADD_FAILURE() << text << ": " << error.message;
    return out.root;
}

std::string first_error(std::string_view text) {
    const Parsed out = parse(text);
    if (out.errors.empty()) return "";
    const SyntaxError& error = out.errors[0];
    return std::to_string(error.at.line) + ":" + std::to_string(error.at.column) + " " +
           error.message;
}

TEST(Json5, ReadsEveryLiteral) {
    struct Case {
        std::string_view text;
        std::string_view json;
    };
    const Case cases[] = {
        {"null", "null"},
        {"true", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-0", "-0"},
        {"12345678901234567890123", "12345678901234567890123"},
        {"+5", "5"},
        {".5", "0.5"},
        {"5.", "5"},
        {"-.5e1", "-5"},
        {"1E3", "1000"},
        {"0x1F", "31"},
        {"-0XfF", "-255"},
        {"1e400", "null"},
        {"1e-400", "0"},
        {"Infinity", "null"},
        {"-Infinity", "null"},
        {"NaN", "null"},
        {"\"a\"", "\"a\""},
        {"'a\"b'", "\"a\\\"b\""},
        {R"('\'\"\\\/\b\f\n\r\t\v\0')", R"("'\"\\/\u0008\u000c\u000a\u000d\u0009\u000b\u0000")"},
        {R"("\u0041\x42\q")", "\"ABq\""},
        {R"("\ud83d\ude00")", "\"\xF0\x9F\x98\x80\""},
        {R"("\ud83d!")", "\"\xEF\xBF\xBD!\""},
        {R"("\ude00")", "\"\xEF\xBF\xBD\""},
        {R"("\ud83dA")",
         "\"\xEF\xBF\xBD"
         "A\""},
        {"'a\\\nb'", "\"ab\""},
        {"'a\\\r\nb'", "\"ab\""},
        {"'a\\\xE2\x80\xA8"
         "b'",
         "\"ab\""},
        {"[]", "[]"},
        {"[1,[2],]", "[1,[2]]"},
        {"{}", "{}"},
        {"{a:1,'b':2,\"c\":3,}", R"({"a":1,"b":2,"c":3})"},
        {"{$_1:1}", R"({"$_1":1})"},
        {"{\xC3\xA9t\xC3\xA9:1}", "{\"\xC3\xA9t\xC3\xA9\":1}"},
        {R"({\u0061b:1})", R"({"ab":1})"},
        {"{null:1,true:2,Infinity:3}", R"({"null":1,"true":2,"Infinity":3})"},
        {"\xEF\xBB\xBF{}", "{}"},
        {"/* a */ [ // b\n 1 /* c * d **/ , \xC2\xA0 2 ]", "[1,2]"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(to_json(parsed(c.text)), c.json) << c.text;
}

TEST(Json5, KnowsInfinitiesAndNotANumber) {
    EXPECT_TRUE(std::isinf(parsed("Infinity").number));
    EXPECT_LT(parsed("-Infinity").number, 0);
    EXPECT_TRUE(std::isnan(parsed("+NaN").number));
    EXPECT_EQ(parsed("0x10").text, "0x10");
}

TEST(Json5, EveryValueAndKeyKnowsItsPlace) {
    const Value root = parsed("{\n  a: [1,\r\n 'x'],\r\t'\xC3\xA9': 2,  b : true }");
    EXPECT_EQ(root.at, (Position{1, 1}));
    EXPECT_EQ(root.members[0].key_at, (Position{2, 3}));
    EXPECT_EQ(root.find("a")->at, (Position{2, 6}));
    EXPECT_EQ(root.find("a")->items[0].at, (Position{2, 7}));
    EXPECT_EQ(root.find("a")->items[1].at, (Position{3, 2}));
    EXPECT_EQ(root.members[1].key_at, (Position{4, 2}));
    EXPECT_EQ(root.members[1].value.at, (Position{4, 7}));
    EXPECT_EQ(root.find_member("b")->key_at, (Position{4, 11}));
    EXPECT_EQ(root.find("b")->at, (Position{4, 15}));
    EXPECT_EQ(root.find("c"), nullptr);
}

TEST(Json5, SaysWhatIsWrongAndWhere) {
    struct Case {
        std::string_view text;
        std::string_view error;
    };
    const Case cases[] = {
        {"", "1:1 the file is empty; expected an object: { ... }"},
        {" // only a comment\n", "1:1 the file is empty; expected an object: { ... }"},
        {"{", "1:2 the file ends, but the '{' at 1:1 is never closed"},
        {"{\n a: [1,\n", "3:1 the file ends, but the '[' at 2:5 is never closed"},
        {"{a: }", "1:5 expected a value, found '}'"},
        {"{a 1}", "1:4 expected ':' after the key \"a\", found '1'"},
        {"{1: 2}", "1:2 expected a key, found '1'"},
        {"{a: 1 b: 2}", "1:7 expected ',' or '}', found 'b'"},
        {"[1 2]", "1:4 expected ',' or ']', found '2'"},
        {"[1, 2}", "1:6 expected ']' to close the bracket at 1:1, found '}'"},
        {"[,]", "1:2 expected a value, found ','"},
        {"{a: yes}", "1:5 expected a value, found yes (a text needs quotes)"},
        {"{a: 'x\n}", "1:5 string is not closed before the end of its line"},
        {"{a: 'x", "1:5 string is never closed"},
        {"/* x", "1:1 comment is never closed: missing */"},
        {"{} 1", "1:4 unexpected '1' after the end of the document"},
        {"[01]", "1:2 number with a leading zero"},
        {"[0x]", "1:2 hex number without digits: 0x"},
        {"[.]", "1:2 number without digits"},
        {"[1e]", "1:2 exponent without digits"},
        {"[-]", "1:2 number without digits"},
        {"[-x]", "1:2 expected a number after the sign"},
        {"[1x]", "1:3 unexpected 'x' in a number"},
        {R"(["\u12"])", "1:3 \\u needs four hex digits"},
        {R"(["\xg"])", "1:3 \\x needs two hex digits"},
        {R"(["\1"])", "1:3 unknown escape \\1"},
        {R"(["\01"])", "1:3 octal escapes are not JSON5"},
        {"{a:1, a:2}", "1:7 duplicate key \"a\", first used at 1:2"},
        {"\x01", "1:1 expected a value, found control character U+0001"},
        {"[\n \xFF]", "2:2 text is not valid UTF-8"},
        {"['\xC3\xA9', \xC3]", "1:7 text is not valid UTF-8"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(first_error(c.text), c.error) << c.text;
}

TEST(Json5, ReportsSeveralErrorsAtOnce) {
    const Parsed out = parse(
        "{\n"
        "  a: yes,\n"
        "  b: 'open,\n"
        "  c: 1\n"
        "  d: [1, ?, {x: nope}],\n"
        "  e: 2,\n"
        "}");
    std::vector<std::uint32_t> lines;
    lines.reserve(out.errors.size());
    for (const SyntaxError& error : out.errors)
        lines.push_back(error.at.line);
    EXPECT_EQ(lines, (std::vector<std::uint32_t>{2, 3, 5, 5, 5}));
}

TEST(Json5, StopsAfterTwentyErrors) {
    std::string text = "[";
    for (int i = 0; i < 100; ++i)
        text += "?,";
    EXPECT_EQ(parse(text).errors.size(), max_errors);
}

TEST(Json5, RefusesDeepNestingWithoutCrashing) {
    EXPECT_EQ(first_error(std::string(200'000, '[')), "1:257 nested deeper than 256 levels");
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += "{a:";
    EXPECT_EQ(first_error(deep), "1:769 nested deeper than 256 levels");
    const std::string fine = std::string(256, '[') + std::string(256, ']');
    EXPECT_EQ(to_json(parsed(fine)), fine);
}

TEST(Json5, RefusesHugeFiles) {
    const std::string text(max_size + 1, ' ');
    EXPECT_EQ(first_error(text), "1:1 file is larger than 16 MiB");
}

TEST(Json5, ReadsStrictJsonAlike) {
    const std::string json = R"({"a":[1,-2.5,1e3,true,false,null],"b":{"c":"\u00e9\n\"\\"},"":""})";
    EXPECT_EQ(to_json(parsed(to_json(parsed(json)))), to_json(parsed(json)));
    EXPECT_EQ(parsed(json).find("a")->items.size(), 6U);
    EXPECT_EQ(parsed(json).find("b")->find("c")->text, "\xC3\xA9\n\"\\");
}

}  // namespace
}  // namespace ccr::json5
