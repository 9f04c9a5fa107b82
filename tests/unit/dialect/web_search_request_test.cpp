// SPDX-License-Identifier: MIT
// Case 68, its requests: how each provider is asked to search, and searches that come back with the
// conversation.
#include <gtest/gtest.h>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/anthropic_splice.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/responses_door.hpp"
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

// --- asking

constexpr std::string_view plain = R"({"type":"web_search_20250305","name":"web_search"})";
constexpr std::string_view allowing =
    R"({"type":"web_search_20250305","name":"web_search","max_uses":8,"allowed_domains":["a.example"],)"
    R"("user_location":{"type":"approximate","city":"Rome","country":"IT"}})";
constexpr std::string_view blocking =
    R"({"type":"web_search_20250305","name":"web_search","blocked_domains":["b.example","c.example"]})";

struct Asked {
    std::string_view provider;
    std::string_view model;
    std::string_view tool;
    std::string_view member;
    std::string_view sent;
    std::string_view warnings;  // without what all of them begin with
};
constexpr Asked asked[] = {
    {"openrouter", "m", plain, "plugins", R"([{"id":"web"}])", ""},
    {"openrouter", "m", allowing, "plugins",
     R"([{"id":"web","max_uses":8,"include_domains":["a.example"],"user_location":{"type":"approximate","city":"Rome","country":"IT"}}])",
     ""},
    {"openrouter", "m", blocking, "plugins",
     R"([{"id":"web","exclude_domains":["b.example","c.example"]}])", ""},
    {"glm", "glm-5", allowing, "tools",
     R"([{"type":"web_search","web_search":{"enable":true,"search_result":true,"search_domain_filter":"a.example"}}])",
     "max_uses user_location"},
    {"glm", "glm-5", blocking, "tools",
     R"([{"type":"web_search","web_search":{"enable":true,"search_result":true}}])",
     "blocked_domains"},
    {"qwen", "qwen3-max", plain, "search_options", R"({"forced_search":true})", ""},
    {"qwen", "qwen3-max", allowing, "enable_search", "true",
     "max_uses allowed_domains user_location"},
    {"perplexity", "sonar", plain, "web_search_options", "", ""},
    {"perplexity", "sonar", allowing, "search_domain_filter", R"(["a.example"])", "max_uses"},
    {"perplexity", "sonar", allowing, "web_search_options",
     R"({"user_location":{"type":"approximate","city":"Rome","country":"IT"}})", "max_uses"},
    {"perplexity", "sonar", blocking, "search_domain_filter", R"(["-b.example","-c.example"])", ""},
    {"groq", "groq/compound", allowing, "search_settings", R"({"include_domains":["a.example"]})",
     "max_uses user_location"},
    {"groq", "groq/compound", blocking, "search_settings",
     R"({"exclude_domains":["b.example","c.example"]})", ""},
    {"groq", "llama-4", plain, "search_settings", "", "-"},
    {"openai", "gpt-4o-search-preview", plain, "web_search_options", "{}", ""},
    {"openai", "gpt-5-search-api", allowing, "web_search_options",
     R"({"user_location":{"type":"approximate","approximate":{"type":"approximate","city":"Rome","country":"IT"}}})",
     "max_uses allowed_domains"},
    {"gemini-native", "gemini-3-pro", allowing, "tools", R"([{"googleSearch":{}}])",
     "max_uses allowed_domains user_location"},
    {"responses:openai", "gpt-5.4", allowing, "tools",
     R"([{"type":"web_search","filters":{"allowed_domains":["a.example"]},"user_location":{"type":"approximate","city":"Rome","country":"IT"}}])",
     "max_uses"},
    {"responses:openai", "gpt-5.4", blocking, "tools", R"([{"type":"web_search"}])",
     "blocked_domains"},
    {"deepseek", "deepseek-chat", plain, "tools", "", "-"},
};

TEST(SearchRequests, AreMadeInEachProvidersWay) {
    for (const Asked& row : asked) {
        RequestRun run(simple_body(R"("tools":[)" + std::string(row.tool) + "]"));
        const std::string body = run.body(row.provider, row.model);
        const std::string where = std::string(row.provider) + " " + std::string(row.tool);
        EXPECT_EQ(member(body, row.member), row.sent) << where << "\n" << body;
        std::string warnings;
        for (const std::string& warning : run.request().warnings) {
            constexpr std::string_view head = "tools.web_search.";
            warnings += warnings.empty() ? "" : " ";
            warnings += warning.starts_with(head) ? warning.substr(head.size()) : "-";
        }
        EXPECT_EQ(warnings, row.warnings) << where;
    }
}

TEST(SearchRequests, KimisToolIsAFunctionOfItsOwn) {
    dialect::Profile kimi = *profile_of("kimi", "kimi-k2.5");
    kimi.web_search = dialect::WebSearch::kimi_builtin;
    RequestRun run(simple_body(R"("tools":[)" + std::string(plain) + "]"));
    EXPECT_EQ(member(run.encode_with(kimi).value().body, "tools"),
              R"([{"type":"builtin_function","function":{"name":"$web_search"}}])");
}

TEST(SearchRequests, OfOpenaisClientsReachAnthropicWhole) {
    constexpr std::string_view bodies[] = {
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"web_search_options":{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Rome","country":"IT"}}}})",
        R"({"model":"m","input":"x","tools":[{"type":"web_search","filters":{"allowed_domains":["a.example"]},"user_location":{"type":"approximate","city":"Rome","country":"IT"}}]})"};
    constexpr std::string_view location =
        R"("user_location":{"type":"approximate","city":"Rome","country":"IT"}}])";
    constexpr std::string_view head = R"([{"type":"web_search_20250305","name":"web_search",)";
    const std::string expected[] = {
        std::string(head) + std::string(location),
        std::string(head) + R"("allowed_domains":["a.example"],)" + std::string(location)};
    for (int i = 0; i < 2; ++i) {
        chat::Request request;
        const auto decoded =
            i == 0 ? dialect::chat_door::decode_request(std::string(bodies[i]), request)
                   : dialect::responses_door::decode_request(std::string(bodies[i]), request);
        ASSERT_TRUE(decoded) << decoded.error().chain();
        const auto profile = profile_of("anthropic", "m");
        dialect::EncodeOptions options;
        options.model = "m";
        options.profile = &*profile;
        options.envelope_key = test_envelope_key;
        const auto encoded = dialect::anthropic::encode_request(request, options);
        ASSERT_TRUE(encoded) << encoded.error().chain();
        EXPECT_EQ(member(encoded->body, "tools"), expected[i]);
    }
}

}  // namespace
}  // namespace ccr::testing
