// SPDX-License-Identifier: MIT
// Requests in Gemini's own format: what the golden pairs do not show.
#include <gtest/gtest.h>

#include "daemon/dialect/envelope.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::dialect {
namespace {

using testing::client_body;
using testing::member;
using testing::RequestRun;
using testing::simple_body;

std::string body_of(std::string client, std::string_view model = "gemini-2.5-flash") {
    return RequestRun(std::move(client)).body("gemini-native", model);
}

std::string config_of(std::string client, std::string_view model = "gemini-2.5-flash") {
    return member(body_of(std::move(client), model), "generationConfig");
}

TEST(GeminiRequest, NamesNoModel) {
    const std::string body = body_of(simple_body());
    EXPECT_EQ(member(body, "model"), "");
    EXPECT_EQ(member(body, "contents"), R"([{"role":"user","parts":[{"text":"hi"}]}])");
}

TEST(GeminiRequest, Conformance_Case66_ThinkingByModelFamily) {
    struct Case {
        const char* model;
        const char* more;
        const char* thinking;
    };
    const std::vector<Case> cases{
        {"gemini-2.5-flash", "", ""},
        {"gemini-2.5-flash", R"("thinking":{"type":"disabled"})", R"({"thinkingBudget":0})"},
        {"gemini-2.5-pro", R"("thinking":{"type":"disabled"})", R"({"thinkingBudget":128})"},
        {"gemini-2.5-flash", R"("thinking":{"type":"adaptive"})", R"({"includeThoughts":true})"},
        {"gemini-2.5-flash", R"("output_config":{"effort":"low"})",
         R"({"thinkingBudget":1024,"includeThoughts":true})"},
        {"gemini-2.5-flash", R"("output_config":{"effort":"max"})",
         R"({"thinkingBudget":24576,"includeThoughts":true})"},
        {"gemini-2.5-pro", R"("output_config":{"effort":"max"})",
         R"({"thinkingBudget":32768,"includeThoughts":true})"},
        {"gemini-2.5-flash-lite",
         R"("thinking":{"type":"enabled","budget_tokens":1024},)"
         R"("max_tokens":300)",
         R"({"thinkingBudget":512,"includeThoughts":true})"},
        {"gemini-3-pro-preview", R"("thinking":{"type":"disabled"})", R"({"thinkingLevel":"LOW"})"},
        {"gemini-3-flash-preview", R"("thinking":{"type":"disabled"})",
         R"({"thinkingLevel":"MINIMAL"})"},
        {"gemini-3.1-pro", R"("output_config":{"effort":"medium"})",
         R"({"thinkingLevel":"MEDIUM","includeThoughts":true})"},
        {"gemini-3.1-pro", R"("output_config":{"effort":"xhigh"})",
         R"({"thinkingLevel":"HIGH","includeThoughts":true})"},
        {"gemini-flash-latest",
         R"("thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"low"})",
         R"({"thinkingLevel":"LOW","includeThoughts":false})"},
        {"gemini-2.0-flash", R"("output_config":{"effort":"high"})", ""},
        {"gemma-3-27b-it", R"("output_config":{"effort":"high"})", ""},
    };
    for (const Case& c : cases) {
        const std::string more(c.more);
        std::string client = simple_body(more);
        // The helper's own max_tokens comes first; the last one counts.
        EXPECT_EQ(member(config_of(client, c.model), "thinkingConfig"), c.thinking)
            << c.model << " " << c.more;
    }
}

TEST(GeminiRequest, Conformance_Case65_ToolChoice) {
    const std::string tools =
        R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],)";
    const auto choice = [&](const std::string& said) {
        return member(body_of(simple_body(tools + R"("tool_choice":)" + said)), "toolConfig");
    };
    EXPECT_EQ(choice(R"({"type":"auto"})"), R"({"functionCallingConfig":{"mode":"AUTO"}})");
    EXPECT_EQ(choice(R"({"type":"any"})"), R"({"functionCallingConfig":{"mode":"ANY"}})");
    EXPECT_EQ(choice(R"({"type":"none"})"), R"({"functionCallingConfig":{"mode":"NONE"}})");
    EXPECT_EQ(choice(R"({"type":"tool","name":"f"})"),
              R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}})");
    // Google refuses a toolConfig without functions.
    EXPECT_EQ(member(body_of(simple_body(R"("tool_choice":{"type":"any"})")), "toolConfig"), "");
}

TEST(GeminiRequest, Conformance_Case59_SchemasWholeAndAsTheSubset) {
    const std::string client = simple_body(
        R"("tools":[{"name":"f","input_schema":{"$schema":"x","type":"object",)"
        R"("properties":{"a":{"$ref":"#/$defs/A"},"b":{"type":["integer","null"],)"
        R"("exclusiveMinimum":0},"c":{"const":"x"},"d":{"type":"string","format":"uri"},)"
        R"("e":{"anyOf":[{"type":"string"},{"type":"null"}]},"g":{"enum":[1,2],"type":"integer"}},)"
        R"("$defs":{"A":{"type":"string","enum":["u","v"]}},"additionalProperties":false}},)"
        R"({"name":"g"}])");
    const auto declarations = [](const std::string& body) {
        const std::string tools = member(body, "tools");
        return member(tools.substr(1, tools.size() - 2), "functionDeclarations");
    };
    RequestRun run(client);
    EXPECT_EQ(
        declarations(run.body("gemini-native", "m")),
        R"([{"name":"f","parametersJsonSchema":{"type":"object","properties":{)"
        R"("a":{"$ref":"#/$defs/A"},"b":{"type":["integer","null"],"exclusiveMinimum":0},)"
        R"("c":{"const":"x"},"d":{"type":"string","format":"uri"},)"
        R"("e":{"anyOf":[{"type":"string"},{"type":"null"}]},"g":{"enum":[1,2],"type":"integer"}},)"
        R"("$defs":{"A":{"type":"string","enum":["u","v"]}},"additionalProperties":false}},)"
        R"({"name":"g","parametersJsonSchema":{"type":"object","properties":{}}}])");
    Profile subset = *profile_named("gemini-native");
    subset.schema = SchemaStyle::gemini;
    const auto encoded = run.encode_with(subset);
    ASSERT_TRUE(encoded);
    EXPECT_EQ(declarations(encoded->body),
              R"([{"name":"f","parameters":{"type":"object","properties":{)"
              R"("a":{"type":"string","enum":["u","v"]},"b":{"type":"integer","nullable":true},)"
              R"("c":{"enum":["x"]},"d":{"type":"string"},"e":{"type":"string","nullable":true},)"
              R"("g":{"type":"integer"}}}},{"name":"g"}])");
}

TEST(GeminiRequest, Conformance_Case42_SignaturesGoBackToTheirParts) {
    const auto turn = [](const std::string& blocks, std::string_view model) {
        const std::string body = body_of(
            client_body(R"([{"role":"user","content":"q"},{"role":"assistant","content":[)" +
                        blocks +
                        R"(]},{"role":"user","content":[{"type":"tool_result",)"
                        R"("tool_use_id":"t1","content":"r"}]}])"),
            model);
        json::Document document;
        const auto root = document.parse_view(body);
        return root ? std::string((*root)["contents"].at(1)["parts"].raw()) : body;
    };
    const std::string call = R"({"type":"tool_use","id":"t1","name":"f","input":{}})";
    const auto thought = [](std::string_view family, std::string_view payload) {
        return R"({"type":"thinking","thinking":"","signature":")" +
               seal(testing::test_envelope_key, family, payload) + R"("},)";
    };
    const std::string plain = R"({"functionCall":{"name":"f","args":{}})";
    const std::string with_id = R"({"functionCall":{"id":"t1","name":"f","args":{}})";
    EXPECT_EQ(turn(thought("gemini", "xSIG") + call, "gemini-2.5-pro"),
              "[" + plain + R"(,"thoughtSignature":"SIG"}])");
    // Lost or another's: nothing for 2.5, a stand-in for 3.
    EXPECT_EQ(turn(thought("openai", "xSIG") + call, "gemini-2.5-pro"), "[" + plain + "}]");
    EXPECT_EQ(turn(thought("openai", "xSIG") + call, "gemini-3-pro-preview"),
              "[" + with_id + R"(,"thoughtSignature":"skip_thought_signature_validator"}])");
}

TEST(GeminiRequest, Conformance_Case60_ResponsesComeFirstAndInTheOrderOfTheCalls) {
    RequestRun run(client_body(
        R"([{"role":"user","content":"q"},{"role":"assistant","content":[)"
        R"({"type":"tool_use","id":"a","name":"f","input":{}},)"
        R"({"type":"tool_use","id":"b","name":"g","input":{}}]},)"
        R"({"role":"user","content":[{"type":"text","text":"and"},)"
        R"({"type":"tool_result","tool_use_id":"b","content":"B"}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"zz","content":"Z"}]}])"));
    const std::string body = run.body("gemini-native", "gemini-2.5-pro");
    EXPECT_NE(
        body.find(R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"error":)"
                  R"("the result of this call is missing"}}},{"functionResponse":{"name":"g",)"
                  R"("response":{"output":"B"}}},{"text":"and"},{"text":"Z"}]})"),
        std::string::npos)
        << body;
}

TEST(GeminiRequest, Conformance_Case57_NamesFitAndComeBack) {
    RequestRun run(simple_body(R"("tools":[{"name":"9lives"},{"name":"-x"},{"name":"ok"}])"));
    const auto encoded = run.encode("gemini-native", "gemini-2.5-pro");
    ASSERT_TRUE(encoded);
    ASSERT_EQ(encoded->renamed_tools.size(), 2U);
    for (const auto& [sent, original] : encoded->renamed_tools) {
        EXPECT_EQ(sent.front(), '_') << sent;
        EXPECT_NE(encoded->body.find("\"name\":\"" + sent + "\""), std::string::npos);
    }
}

TEST(GeminiRequest, Conformance_Case64_BeginsWithTheUser) {
    const std::string body = body_of(
        client_body(R"([{"role":"assistant","content":"Hello."},{"role":"user","content":"hi"}])"));
    EXPECT_TRUE(member(body, "contents").starts_with(R"([{"role":"user",)")) << body;
}

TEST(GeminiRequest, SearchesWithoutFunctionsOnly) {
    const std::string search = R"({"type":"web_search_20250305","name":"web_search"})";
    EXPECT_EQ(member(body_of(simple_body(R"("tools":[)" + search + "]")), "tools"),
              R"([{"googleSearch":{}}])");
    RequestRun both(simple_body(R"("tools":[{"name":"f"},)" + search + "]"));
    EXPECT_EQ(both.body("gemini-native", "m").find("googleSearch"), std::string::npos);
    EXPECT_EQ(both.request().warnings, std::vector<std::string>{"tools.web_search"});
}

TEST(GeminiRequest, StructuredOutputBesideFunctionsIsSaidInWords) {
    const std::string client =
        simple_body(R"("tools":[{"name":"f"}],"output_config":{"format":{"type":"json_schema",)"
                    R"("schema":{"type":"object","properties":{}}}})");
    const std::string old = body_of(client, "gemini-2.5-pro");
    EXPECT_EQ(member(member(old, "generationConfig"), "responseMimeType"), "");
    EXPECT_NE(member(old, "systemInstruction").find("JSON Schema"), std::string::npos);
    const std::string newer = member(body_of(client, "gemini-3-pro"), "generationConfig");
    EXPECT_EQ(member(newer, "responseMimeType"), R"("application/json")");
    EXPECT_NE(member(newer, "responseJsonSchema"), "");
}

// A turn's contents are a prefix of the next turn's, so that implicit caching finds them.
TEST(GeminiRequest, Conformance_Case63_TurnsArePrefixesOfTheNext) {
    const std::string first =
        R"({"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text",)"
        R"("text":"a"},{"type":"tool_use","id":"t","name":"f","input":{"x":1}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]})";
    const std::string more =
        first + R"(,{"role":"assistant","content":"b"},)" + R"({"role":"user","content":"c"})";
    for (const std::string_view model : {"gemini-2.5-pro", "gemini-3-pro-preview"}) {
        std::string before = member(body_of(client_body("[" + first + "]"), model), "contents");
        before.pop_back();
        EXPECT_TRUE(
            member(body_of(client_body("[" + more + "]"), model), "contents").starts_with(before));
    }
}

}  // namespace
}  // namespace ccr::dialect
