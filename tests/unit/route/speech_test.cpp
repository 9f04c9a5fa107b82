// SPDX-License-Identifier: MIT
#include "daemon/route/speech.hpp"

#include <gtest/gtest.h>

#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

using testing::directory;

struct Spoken {
    std::string dialect;
    bool beside = false;
};

// How a request with or without a tool goes to a model of the only provider.
Spoken spoken(const std::string& provider, const std::string& model, bool tools,
              std::string_view door = "anthropic") {
    const auto all =
        directory("{Providers:[{name:'p',models:['m']," + provider + "}],Router:{default:'p,m'}}");
    chat::Request request;
    if (tools) request.tools.emplace_back();
    const auto speech = speech_for({all->find("p"), model}, request, *dialect::find(door));
    EXPECT_EQ(speech.dialect->name == "openai-responses",
              speech.profile.reasoning_field == dialect::ReasoningField::reasoning_item);
    return {std::string(speech.dialect->name), speech.beside};
}

const std::string openai = "api_base_url:'https://api.openai.com/v1'";
const std::string azure = "api_base_url:'https://r.openai.azure.com'";
const std::string gateway = "api_base_url:'https://gw.example/v1',profile:'openai'";

TEST(Speech, Conformance_Case66_ToolsOfNewerModelsGoToResponses) {
    EXPECT_TRUE(spoken(openai, "gpt-5.4", true).beside);
    EXPECT_TRUE(spoken(openai, "gpt-5.6-codex", true).beside);
    EXPECT_TRUE(spoken(azure, "gpt-5.4", true).beside);
    EXPECT_FALSE(spoken(openai, "gpt-5.4", false).beside);
    EXPECT_FALSE(spoken(openai, "gpt-5.3", true).beside);
    EXPECT_FALSE(spoken(openai, "gpt-4.1", true).beside);
}

TEST(Speech, Conformance_Case68_SearchIsWhereTheProviderHasIt) {
    const auto searching = [](const std::string& provider) {
        const auto all = directory("{Providers:[{name:'p',models:['m']," + provider +
                                   "}],Router:{default:'p,m'}}");
        chat::Request request;
        request.tools.emplace_back().type = "web_search_20250305";
        return speech_for({all->find("p"), "gpt-4.1"}, request, *dialect::find("anthropic")).beside;
    };
    EXPECT_TRUE(searching(openai));
    EXPECT_TRUE(searching(azure));
    EXPECT_FALSE(searching(gateway));
    EXPECT_FALSE(searching(openai + ",profile:{responses_search:false}"));
}

TEST(Speech, WhoOnlySpeaksAsOpenaiDoesIsNotAskedForMore) {
    EXPECT_FALSE(spoken(gateway, "gpt-5.4", true).beside);
    EXPECT_TRUE(spoken("api_base_url:'https://gw.example/v1',"
                       "profile:{base:'openai',responses_api:true}",
                       "gpt-5.4", true)
                    .beside);
    EXPECT_FALSE(
        spoken("api_base_url:'https://r.openai.azure.com/openai/deployments/d'", "gpt-5.4", true)
            .beside);
}

TEST(Speech, TheConfigurationCanPinChatCompletions) {
    EXPECT_EQ(spoken(openai + ",profile:{responses_api:false}", "gpt-5.4", true).dialect, "openai");
}

TEST(Speech, MembersThatAreWrittenOutStayInTheirFormat) {
    const auto with = [](const std::string& use) {
        return spoken(openai + ",transformer:{use:[" + use + "]}", "gpt-5.4", true).beside;
    };
    EXPECT_FALSE(with("['customparams',{verbosity:'low'}]"));
    EXPECT_TRUE(with("['customparams',{}]"));
    EXPECT_TRUE(with("['forceeffort',{effort:'low'}]"));
}

TEST(Speech, TheClientsOwnFormatIsNotChanged) {
    EXPECT_EQ(spoken(openai, "gpt-5.4", true, "openai").dialect, "openai");
    EXPECT_EQ(spoken(openai, "gpt-4.1", false, "openai-responses").dialect, "openai-responses");
    EXPECT_EQ(spoken(gateway, "gpt-4.1", false, "openai-responses").dialect, "openai");
}

TEST(Speech, AProviderOfTheFormatHasNoOther) {
    const auto said = spoken("api_base_url:'https://gw.example/v1/responses'", "gpt-5.4", true);
    EXPECT_EQ(said.dialect, "openai-responses");
    EXPECT_FALSE(said.beside);
}

TEST(Speech, NobodyKnownIsTakenForOpenaiInItsOwnFormat) {
    const auto all = directory(
        "{Providers:[{name:'p',api_base_url:'https://gw.example/v1/responses',models:['m']},"
        "{name:'ollama',api_base_url:'http://h:1/v1/responses',models:['m']}],"
        "Router:{default:'p,m'}}");
    const chat::Request request;
    const auto speech =
        speech_for({all->find("p"), "gpt-5.2"}, request, *dialect::find("anthropic"));
    EXPECT_EQ(speech.profile.name, "openai");
    EXPECT_EQ(speech.profile.thinking, dialect::ThinkingStyle::reasoning_effort);
    EXPECT_EQ(all->find("ollama")->profile.name, "ollama");
}

}  // namespace
}  // namespace ccr::route
