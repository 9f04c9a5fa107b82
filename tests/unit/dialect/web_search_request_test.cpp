// SPDX-License-Identifier: MIT
// Case 68, its requests: how each provider is asked to search, and searches that come back with the
// conversation.
#include <gtest/gtest.h>

#include "daemon/dialect/anthropic_splice.hpp"
#include "daemon/dialect/envelope.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::testing {
namespace {

// --- history

const std::string seal = dialect::seal(test_envelope_key, "search", "");

std::string use(std::string_view id) {
    return R"({"type":"server_tool_use","id":")" + std::string(id) +
           R"(","name":"web_search","input":{"query":"q"}})";
}

std::string found(std::string_view id, std::string_view encrypted) {
    return R"({"type":"web_search_tool_result","tool_use_id":")" + std::string(id) +
           R"(","content":[{"type":"web_search_result","url":"https://u","title":"T",)"
           R"("encrypted_content":")" +
           std::string(encrypted) + R"(","page_age":null}]})";
}

std::string cited(std::string_view citations) {
    return R"({"type":"text","text":"t","citations":[)" + std::string(citations) + "]}";
}

std::string place(std::string_view encrypted) {
    return R"({"type":"web_search_result_location","url":"https://u","title":"T","cited_text":"",)"
           R"("encrypted_index":")" +
           std::string(encrypted) + "\"}";
}

std::string conversation(std::string_view assistant) {
    return R"({"model":"target","max_tokens":10,"messages":[{"role":"user","content":"x"},)"
           R"({"role":"assistant","content":[)" +
           std::string(assistant) + R"(]},{"role":"user","content":"y"}]})";
}

std::string spliced(std::string_view assistant,
                    dialect::AnthropicLevel level = dialect::AnthropicLevel::full) {
    RequestRun run(conversation(assistant));
    EXPECT_TRUE(run.decoded());
    dialect::SpliceOptions options;
    options.model = "target";
    options.level = level;
    options.envelope_key = test_envelope_key;
    return splice(run.request(), options);
}

const std::string use_told = R"({"type":"text","text":"[web_search: {\"query\":\"q\"}]"})";
const std::string found_told = R"({"type":"text","text":"[web_search_tool_result]\nT\nhttps://u"})";
const std::string bare_text = R"({"type":"text","text":"t"})";

TEST(SearchHistory, OfAnthropicStaysAsItIs) {
    const std::string blocks =
        use("srvtoolu_1") + ", " + found("srvtoolu_1", "EqkB") + " ," + cited(place("Eo8B"));
    EXPECT_EQ(spliced(blocks), conversation(blocks));
}

TEST(SearchHistory, OfOursIsToldInWords) {
    for (const std::string id : {"srvtoolu_ccr_m_0", "srvtoolu_1"}) {
        EXPECT_EQ(spliced(use(id) + "," + found(id, seal) + "," + cited(place(seal))),
                  conversation(use_told + "," + found_told + "," + bare_text));
    }
    const std::string failed =
        R"({"type":"web_search_tool_result","tool_use_id":"srvtoolu_ccr_m_0","content":)"
        R"({"type":"web_search_tool_result_error","error_code":"unavailable"}})";
    EXPECT_EQ(spliced(use("srvtoolu_ccr_m_0") + "," + failed),
              conversation(use_told +
                           R"(,{"type":"text","text":"[web_search_tool_result]\nunavailable"})"));
}

TEST(SearchHistory, OfOursGoesFromBesideAnthropics) {
    const std::string theirs = use("srvtoolu_1") + "," + found("srvtoolu_1", "EqkB");
    EXPECT_EQ(
        spliced(theirs + "," + use("srvtoolu_2") + "," + found("srvtoolu_2", seal) + "," +
                cited(place("Eo8B") + "," + place(seal))),
        conversation(theirs + "," + use_told + "," + found_told + "," + cited(place("Eo8B"))));
}

TEST(SearchHistory, IsWordsForCopiesOfTheFormat) {
    for (const std::string_view encrypted : {std::string_view("EqkB"), std::string_view(seal)}) {
        EXPECT_EQ(spliced(use("srvtoolu_1") + "," + found("srvtoolu_1", encrypted) + "," +
                              cited(place(encrypted)),
                          dialect::AnthropicLevel::y2024),
                  conversation(use_told + "," + found_told + "," + bare_text));
    }
}

TEST(SearchHistory, IsWordsForOtherProviders) {
    RequestRun run(conversation(use("srvtoolu_ccr_m_0") + "," + found("srvtoolu_ccr_m_0", seal) +
                                "," + cited(place(seal))));
    for (const std::string_view provider : {"openai", "gemini-native", "responses:openai"}) {
        const std::string body = run.body(provider);
        EXPECT_NE(body.find(R"([web_search: {\"query\":\"q\"}])"), std::string::npos) << body;
        EXPECT_NE(body.find(R"([web_search_tool_result]\nT\nhttps://u)"), std::string::npos);
        EXPECT_EQ(body.find("ccr1."), std::string::npos) << body;
    }
}

}  // namespace
}  // namespace ccr::testing
