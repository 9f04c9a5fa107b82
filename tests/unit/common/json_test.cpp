// SPDX-License-Identifier: MIT
#include "common/json.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <random>

#include "common/utf8.hpp"

namespace ccr::json {
namespace {

TEST(Json, KeepsDecodedTextAndSourceSlice) {
    Document document;
    const auto root =
        document.parse(R"( {"a": "x\n\"y\"", "n": 1.0, "o": {"k": [1, true, null]}} )");
    ASSERT_TRUE(root) << root.error().detail;
    EXPECT_EQ((*root)["a"].str(), "x\n\"y\"");
    EXPECT_EQ((*root)["a"].escaped(), R"(x\n\"y\")");
    EXPECT_EQ((*root)["a"].raw(), R"("x\n\"y\"")");
    EXPECT_EQ((*root)["n"].raw(), "1.0");
    EXPECT_EQ((*root)["o"].raw(), R"({"k": [1, true, null]})");
    EXPECT_EQ((*root)["o"]["k"].raw(), "[1, true, null]");
    EXPECT_EQ((*root)["o"]["k"].size(), 3U);
    EXPECT_EQ((*root)["o"]["k"].at(1).raw(), "true");
    EXPECT_TRUE((*root)["o"]["k"].at(1).boolean());
    EXPECT_EQ((*root)["o"]["k"].at(2).raw(), "null");
    EXPECT_FALSE((*root)["o"]["missing"]["deeper"]);
}

TEST(Json, EscapedQuoteAtTheUnescapedEndIsNotTheEnd) {
    Document document;
    ASSERT_TRUE(document.parse(R"(["a\"", "\\", "\"\"", ""])"));
    EXPECT_EQ(document.root().at(0).escaped(), R"(a\")");
    EXPECT_EQ(document.root().at(1).escaped(), R"(\\)");
    EXPECT_EQ(document.root().at(2).str(), "\"\"");
    EXPECT_EQ(document.root().at(3).raw(), R"("")");
}

TEST(Json, EmptyAndNestedContainersHaveExactSlices) {
    Document document;
    ASSERT_TRUE(document.parse(R"([ [], {} , [[]], {"a":{}}, [ ] ])"));
    const Value root = document.root();
    EXPECT_EQ(root.at(0).raw(), "[]");
    EXPECT_EQ(root.at(1).raw(), "{}");
    EXPECT_EQ(root.at(2).raw(), "[[]]");
    EXPECT_EQ(root.at(3).raw(), R"({"a":{}})");
    EXPECT_EQ(root.at(4).raw(), "[ ]");
    EXPECT_EQ(root.raw(), R"([ [], {} , [[]], {"a":{}}, [ ] ])");
}

TEST(Json, LastOfDuplicateKeysCounts) {
    Document document;
    ASSERT_TRUE(document.parse(R"({"a":1,"a":2})"));
    EXPECT_EQ(document.root()["a"].integer(), 2);
}

TEST(Json, IntegersKeepSixtyFourBits) {
    Document document;
    ASSERT_TRUE(document.parse(R"([9223372036854775807, 3.0, 3e2, 3.5, 1e30, -0])"));
    EXPECT_EQ(document.root().at(0).integer(), 9223372036854775807);
    EXPECT_EQ(document.root().at(1).integer(), 3);
    EXPECT_EQ(document.root().at(2).integer(), 300);
    EXPECT_FALSE(document.root().at(3).integer());
    EXPECT_FALSE(document.root().at(4).integer());
    EXPECT_EQ(document.root().at(5).raw(), "-0");
}

TEST(Json, RepairsLoneSurrogatesAndInvalidBytes) {
    Document document;
    ASSERT_TRUE(
        document.parse("{\"a\":\"x\\ud83dy\",\"b\":\"\\ude00\",\"c\":\"\\ud83d\\ude00\",\"d\":"
                       "\"\xff!\",\"e\":\"\\\\ud83d\"}"));
    EXPECT_EQ(document.root()["a"].str(), "x\xEF\xBF\xBDy");
    EXPECT_EQ(document.root()["b"].escaped(), "\\ufffd");
    EXPECT_EQ(document.root()["c"].str(), "\xF0\x9F\x98\x80");
    EXPECT_EQ(document.root()["d"].str(), "\xEF\xBF\xBD!");
    EXPECT_EQ(document.root()["e"].str(), "\\ud83d");
    EXPECT_TRUE(utf8::valid(document.source()));
}

TEST(Json, RefusesWithTheOffset) {
    Document document;
    const auto bad = document.parse(R"({"a":1,})");
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().detail.find("byte 7"), std::string::npos) << bad.error().detail;
    EXPECT_FALSE(document.parse(std::string("{}\0x", 4)));
    EXPECT_FALSE(document.parse(""));
    EXPECT_FALSE(document.parse("{} {}"));
    EXPECT_FALSE(document.parse(std::string("\"a\0b\"", 5)));
    EXPECT_FALSE(document.root());
}

TEST(Json, DepthIsBounded) {
    Document document;
    EXPECT_TRUE(document.parse(std::string(512, '[') + std::string(512, ']')));
    const auto deep = document.parse(std::string(200000, '[') + std::string(200000, ']'));
    ASSERT_FALSE(deep);
    EXPECT_NE(deep.error().detail.find("too deeply"), std::string::npos);
}

TEST(Json, MovedDocumentKeepsItsViews) {
    Document first;
    ASSERT_TRUE(first.parse("{\"a\":\"b\"}"));
    const Document second = std::move(first);
    EXPECT_EQ(second.root()["a"].str(), "b");
    EXPECT_EQ(second.root()["a"].raw(), "\"b\"");
}

TEST(Json, EscapeAndUnescapeAreInverse) {
    std::string text;
    for (int c = 0; c < 256; ++c)
        text += static_cast<char>(c < 128 ? c : 'x');
    text += "\xF0\x9F\x98\x80";
    EXPECT_EQ(unescape(escape(text)), text);
    EXPECT_EQ(unescape("\\ud83d\\ude00\\u00e9\\/"), "\xF0\x9F\x98\x80\xC3\xA9/");
}

TEST(JsonWriter, PlacesCommas) {
    std::string out;
    Writer writer(out);
    writer.begin_object().key("a").number(std::int64_t{1}).key("b").begin_array().string("x\n");
    writer.raw("{}").begin_object().end_object().end_array().key("c").escaped("\\n").end_object();
    EXPECT_EQ(out, "{\"a\":1,\"b\":[\"x\\n\",{},{}],\"c\":\"\\n\"}");
}

// Whatever RapidJSON's DOM accepts we accept, and the other way round; slices re-parse to
// themselves.
TEST(Json, AgreesWithTheDomOnMutatedTexts) {
    const std::string seed =
        R"({"a":[1,2.5e3,"x\u00e9\n",{"b":null,"c":[true,false]}],"d":"","e":{}})";
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        std::string text = seed;
        for (unsigned change = random() % 3; change-- > 0;) {
            constexpr std::string_view alphabet = "{}[]\",:\\0e.-n 1u";
            text[random() % text.size()] = alphabet[random() % alphabet.size()];
        }
        rapidjson::Document dom;
        dom.Parse<rapidjson::kParseIterativeFlag>(text.c_str());
        Document document;
        const auto root = document.parse(text);
        ASSERT_EQ(root.has_value(), !dom.HasParseError()) << text;
        if (root && root->is_object() && dom.HasMember("a") && dom["a"].IsArray() &&
            (*root)["a"].size() > 2) {
            Document again;
            ASSERT_TRUE(again.parse(std::string((*root)["a"].raw()))) << text;
            EXPECT_EQ(again.root().size(), dom["a"].Size());
        }
    }
}

TEST(Utf8, CompletePrefixStopsBeforeASplitSequence) {
    EXPECT_EQ(utf8::complete_prefix("ab\xF0\x9F\x98"), 2U);
    EXPECT_EQ(utf8::complete_prefix("ab\xC3\xA9"), 4U);
    EXPECT_EQ(utf8::complete_prefix(""), 0U);
}

}  // namespace
}  // namespace ccr::json
