// SPDX-License-Identifier: MIT
#include "common/config/endpoint.hpp"

#include <gtest/gtest.h>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using testing::load;
using testing::messages;

// "protocol endpoint (reason)" of a config's only provider, else its first problem.
std::string outcome(const std::string& fields) {
    const Loaded loaded = load("{Providers:[{name:'p'," + fields + "}],Router:{default:'p,m'}}");
    if (!loaded.ok()) return messages(loaded).front();
    const Provider& provider = loaded.config->providers.at(0);
    return std::string(dialect_name(provider.dialect)) + " " + provider.endpoint.origin() +
           provider.endpoint.target + " (" + provider.dialect_reason + ")";
}

TEST(Endpoint, IsCompleteOrCompleted) {
    struct Case {
        std::string_view url;
        std::string_view outcome;
    };
    const Case cases[] = {
        {"https://api.openai.com/v1/chat/completions",
         "openai https://api.openai.com/v1/chat/completions (URL)"},
        {"https://api.openai.com/v1/chat/completions/",
         "openai https://api.openai.com/v1/chat/completions (URL)"},
        {"https://api.openai.com/v1",
         "openai https://api.openai.com/v1/chat/completions (default)"},
        {"https://api.openai.com/v1/",
         "openai https://api.openai.com/v1/chat/completions (default)"},
        {"https://api.openai.com", "openai https://api.openai.com/v1/chat/completions (default)"},
        {"https://openrouter.ai/api",
         "openai https://openrouter.ai/api/v1/chat/completions (default)"},
        {"https://api.z.ai/api/coding/paas/v4",
         "openai https://api.z.ai/api/coding/paas/v4/chat/completions (default)"},
        {"https://generativelanguage.googleapis.com/v1beta/openai/",
         "openai https://generativelanguage.googleapis.com/v1beta/openai/chat/completions (URL)"},
        {"https://gateway.example/llm", "openai https://gateway.example/llm (default)"},
        {"https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
         "openai https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1 "
         "(URL)"},
        {"https://x.example/v1?key=1",
         "openai https://x.example/v1/chat/completions?key=1 "
         "(default)"},
        {"https://x.example/v1/chat/completions/?a=/",
         "openai https://x.example/v1/chat/completions?a=/ (URL)"},
        {"http://127.0.0.1:8080", "openai http://127.0.0.1:8080/v1/chat/completions (default)"},
        {"https://api.anthropic.com", "anthropic https://api.anthropic.com/v1/messages (URL)"},
        {"https://api.anthropic.com/v1/messages",
         "anthropic https://api.anthropic.com/v1/messages (URL)"},
        {"https://api.deepseek.com/anthropic",
         "anthropic https://api.deepseek.com/anthropic/v1/messages (URL)"},
        {"https://api.minimax.io/anthropic/v1",
         "anthropic https://api.minimax.io/anthropic/v1/messages (URL)"},
        {"https://api.openai.com/v1/responses",
         "openai-responses https://api.openai.com/v1/responses (URL)"},
        {"https://gw.example/v1/responses/?a=1",
         "openai-responses https://gw.example/v1/responses?a=1 (URL)"},
        {"https://gw.example/proxy/v1/messages",
         "anthropic https://gw.example/proxy/v1/messages (URL)"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(outcome("api_base_url:'" + std::string(c.url) + "'"), c.outcome);
    }
}

TEST(Endpoint, ProtocolComesFromKeyThenTransformerThenUrl) {
    EXPECT_EQ(outcome("api_base_url:'https://x/anthropic',protocol:'openai'"),
              "openai https://x/anthropic/v1/chat/completions (protocol)");
    EXPECT_EQ(outcome("api_base_url:'https://x/v1',protocol:'Anthropic'"),
              "anthropic https://x/v1/messages (protocol)");
    EXPECT_EQ(outcome("api_base_url:'https://x/v1',transformer:{use:['Anthropic']}"),
              "anthropic https://x/v1/messages (transformer Anthropic)");
    // Other programs read nothing into the lower-case spelling.
    EXPECT_EQ(outcome("api_base_url:'https://x/v1',transformer:{use:['anthropic']}"),
              "openai https://x/v1/chat/completions (default)");
    EXPECT_EQ(outcome("api_base_url:'https://x/v1',transformer:{use:['OPENAI']}"),
              "openai https://x/v1/chat/completions (default)");
    EXPECT_EQ(outcome("api_base_url:'https://x/v1',transformer:{use:['OpenAI','deepseek']}"),
              "openai https://x/v1/chat/completions (default)");
}

TEST(Endpoint, UrlOverrulesATransformerThatCannotBeMeant) {
    const Loaded loaded = load(
        "{Providers:[{name:'p',api_base_url:'https://x/v1/chat/completions',\n"
        "transformer:{use:['Anthropic']}}],Router:{default:'p,m'}}");
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config->providers[0].dialect, Dialect::openai_chat);
    EXPECT_EQ(messages(loaded),
              (std::vector<std::string>{
                  "2:1: warning: Providers[0].transformer: transformer Anthropic does not match "
                  "the URL, whose path is that of openai; the URL decides (set protocol to say "
                  "otherwise)"}));
}

TEST(Endpoint, SaysThatSmallLettersChooseNothing) {
    EXPECT_EQ(messages(load("{Providers:[{name:'p',api_base_url:'https://x/v1',\n"
                            "transformer:{use:['anthropic']}}],Router:{default:'p,m'}}")),
              (std::vector<std::string>{
                  "2:1: warning: Providers[0].transformer: anthropic in small letters does not "
                  "choose the protocol: openai is spoken; set protocol to \"openai\" or "
                  "\"anthropic\" to say which"}));
}

TEST(Endpoint, ResponsesStandsBesideChatCompletions) {
    EXPECT_EQ(outcome("api_base_url:'https://x/v1',protocol:'responses'"),
              "openai-responses https://x/v1/responses (protocol)");
    EXPECT_EQ(outcome("api_base_url:'https://x',transformer:{use:['OpenAI-Responses']}"),
              "openai-responses https://x/v1/responses (transformer OpenAI-Responses)");
    EXPECT_EQ(outcome("api_base_url:'https://x/v1/chat/completions?a=1',"
                      "protocol:'openai-responses'"),
              "openai-responses https://x/v1/responses?a=1 (protocol)");
    const auto beside = [](const std::string& url) {
        const Loaded loaded =
            load("{Providers:[{name:'p',api_base_url:'" + url + "'}],Router:{default:'p,m'}}");
        return loaded.ok() ? loaded.config->providers[0].responses_target : messages(loaded)[0];
    };
    EXPECT_EQ(beside("https://api.openai.com/v1"), "/v1/responses");
    EXPECT_EQ(beside("https://x/openai/chat/completions?k=1"), "/openai/responses?k=1");
    EXPECT_EQ(beside("https://x/llm"), "");
    EXPECT_EQ(beside("https://x/v1/messages"), "");
}

TEST(Endpoint, UnknownProtocolsAreRefused) {
    EXPECT_EQ(outcome("api_base_url:'https://x',protocol:'antropic'"),
              "1:57: error: Providers[0].protocol: unknown protocol; use openai, "
              "openai-responses, anthropic or gemini (did you mean \"anthropic\"?)");
}

TEST(Endpoint, RefusesBadUrlsWithoutRepeatingSecrets) {
    EXPECT_EQ(outcome("api_base_url:'https://user:hunter2@x/v1'"),
              "1:36: error: Providers[0].api_base_url: holds a user or password; put it into "
              "api_key or headers");
    for (const std::string url :
         {"", "x", "ftp://x", "https://", "https://a b", "http://x:99999"}) {
        const std::string text = outcome("api_base_url:'" + url + "'");
        EXPECT_EQ(text.substr(0, 12), "1:36: error:") << url << " gave " << text;
    }
    const std::string text = outcome("api_base_url:'https://bad host/?key=hunter2'");
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

}  // namespace
}  // namespace ccr::config
