// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "daemon/dialect/schema.hpp"

namespace ccr::dialect {
namespace {

std::string parameters(std::string_view schema, SchemaStyle style = SchemaStyle::plain) {
    json::Document document;
    const auto root = document.parse_view(schema);
    std::string out;
    json::Writer writer(out);
    write_parameters(writer, root ? *root : json::Value(), style);
    return out;
}

TEST(Schema, FineOnesPassAsTheyAreSpelt) {
    constexpr std::string_view schema =
        R"({"type" : "object", "properties": {"n": {"minimum": 1.0}}, "x-own": [1 , 2]})";
    EXPECT_EQ(parameters(schema), schema);
}

TEST(Conformance, Case59_PlainTargetsGetAnObjectWithProperties) {
    constexpr std::string_view none = R"({"type":"object","properties":{}})";
    EXPECT_EQ(parameters(""), none);
    EXPECT_EQ(parameters("true"), none);
    EXPECT_EQ(parameters("{}"), none);
    EXPECT_EQ(parameters(R"({"type":"object"})"), none);
    EXPECT_EQ(parameters(R"({"type":["object","null"],"properties":{"a":{}}})"),
              R"({"type":"object","properties":{"a":{}}})");
}

TEST(Conformance, Case59_SchemaAndIdAreDroppedEverywhereButAsPropertyNames) {
    EXPECT_EQ(parameters(R"({"$schema":"s","type":"object","properties":{)"
                         R"("a":{"$id":"x","type":"string","enum":["$id"]},)"
                         R"("$schema":{"type":"number","default":{"$schema":1}}},)"
                         R"("items":[{"$id":"y"}],"$defs":{"D":{"$schema":"z"}}})"),
              R"({"type":"object","properties":{)"
              R"("a":{"type":"string","enum":["$id"]},)"
              R"("$schema":{"type":"number","default":{"$schema":1}}},)"
              R"("items":[{}],"$defs":{"D":{}}})");
}

TEST(Conformance, Case59_KimiTakesNoSiblingsOfRefAndAnyOf) {
    EXPECT_EQ(
        parameters(R"({"type":"object","properties":{)"
                   R"("a":{"description":"d","anyOf":[{"type":"string"},{"type":"null"}]},)"
                   R"("b":{"$ref":"#/$defs/D","description":"e"},"c":true,"d":false},)"
                   R"("additionalProperties":false})",
                   SchemaStyle::mfjs),
        R"({"type":"object","properties":{)"
        R"("a":{"anyOf":[{"type":"string","description":"d"},{"type":"null","description":"d"}]},)"
        R"("b":{"$ref":"#/$defs/D"},"c":{},"d":{"not":{}}},"additionalProperties":false})");
}

TEST(Conformance, Case59_GeminiGetsItsSubset) {
    EXPECT_EQ(parameters(R"({"type":"object","additionalProperties":false,"properties":{)"
                         R"("url":{"type":"string","format":"uri","minLength":1},)"
                         R"("when":{"type":"string","format":"date-time"},)"
                         R"("n":{"type":["integer","null"],"exclusiveMinimum":0,"maximum":9},)"
                         R"("k":{"const":"only"},"e":{"enum":[1,2]},)"
                         R"("o":{"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"},)"
                         R"("r":{"$ref":"#/$defs/D"},"any":true},"$defs":{"D":{"type":"number"}}})",
                         SchemaStyle::gemini),
              R"({"type":"object","properties":{)"
              R"("url":{"type":"string","minLength":1},)"
              R"("when":{"type":"string","format":"date-time"},)"
              R"("n":{"type":"integer","nullable":true,"maximum":9},)"
              R"("k":{"enum":["only"]},"e":{},)"
              R"("o":{"type":"string","description":"d","nullable":true},)"
              R"("r":{"type":"number"},"any":{}}})");
}

TEST(Schema, RecursiveReferencesEnd) {
    const std::string out =
        parameters(R"({"type":"object","properties":{"t":{"$ref":"#/$defs/T"}},"$defs":{"T":)"
                   R"({"type":"object","properties":{"l":{"$ref":"#/$defs/T"},)"
                   R"("r":{"$ref":"#/$defs/T"}}}}})",
                   SchemaStyle::gemini);
    json::Document document;
    EXPECT_TRUE(document.parse_view(out));
    EXPECT_LT(out.size(), 200'000U);
}

TEST(Schema, StrictReady) {
    const auto ready = [](std::string_view schema) {
        json::Document document;
        return strict_ready(*document.parse_view(schema));
    };
    constexpr std::string_view closed =
        R"({"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false})";
    EXPECT_TRUE(ready(closed));
    EXPECT_TRUE(ready(R"({"type":"array","items":)" + std::string(closed) + "}"));
    EXPECT_FALSE(ready(R"({"type":"array","items":{"type":"object","properties":{"a":{}}}})"));
    EXPECT_FALSE(ready(R"({"type":"object","properties":{"a":{}},"additionalProperties":false})"));
    EXPECT_FALSE(ready(R"({"anyOf":[{"properties":{"a":{}}}]})"));
}

}  // namespace
}  // namespace ccr::dialect
