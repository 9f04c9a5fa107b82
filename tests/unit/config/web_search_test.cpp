// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using Engine = WebSearch::Engine;

WebSearch loaded(const std::string& members) {
    const Loaded loaded = testing::load("{WebSearch:{" + members + "}}", {{"KEY", "k-env"}});
    EXPECT_TRUE(loaded.ok()) << members;
    return loaded.ok() ? loaded.config->web_search : WebSearch();
}

TEST(WebSearchKey, HasEachEnginesOwnAddress) {
    struct Case {
        std::string members;
        Engine engine;
        std::string_view origin;
        std::string_view target;
    };
    const Case cases[] = {
        {"engine:'brave',api_key:'k'", Engine::brave, "https://api.search.brave.com",
         "/res/v1/web/search"},
        {"engine:' Tavily ',apiKey:'k'", Engine::tavily, "https://api.tavily.com", "/search"},
        {"engine:'exa',api_key:'k'", Engine::exa, "https://api.exa.ai", "/search"},
        {"engine:'exa',api_key:'k',url:'http://127.0.0.1:8/own?a=b'", Engine::exa,
         "http://127.0.0.1:8", "/own?a=b"},
        {"engine:'searxng',url:'http://searx.test'", Engine::searxng, "http://searx.test",
         "/search"},
        {"engine:'searxng',url:'http://searx.test/sx/?language=de'", Engine::searxng,
         "http://searx.test", "/sx/search?language=de"},
    };
    for (const Case& each : cases) {
        const WebSearch search = loaded(each.members);
        EXPECT_EQ(search.engine, each.engine) << each.members;
        EXPECT_EQ(search.url.origin(), each.origin) << each.members;
        EXPECT_EQ(search.url.target, each.target) << each.members;
        EXPECT_TRUE(search.configured());
    }
    EXPECT_FALSE(loaded("").configured());
    EXPECT_TRUE(loaded("engine:'exa',api_key:'$KEY'").api_key.matches("k-env"));
}

TEST(WebSearchKey, SaysWhatIsWrongAndWhere) {
    const std::pair<std::string, std::string> cases[] = {
        {"{WebSearch:{engine:'bing'}}",
         "1:20: error: WebSearch.engine: unknown search engine; use searxng, brave, tavily or exa"},
        {"{WebSearch:{engine:'brvae',api_key:'k'}}",
         "1:20: error: WebSearch.engine: unknown search engine; use searxng, brave, tavily or "
         "exa (did you mean \"brave\"?)"},
        {"{WebSearch:{engine:'brave'}}",
         "1:2: error: WebSearch.api_key: missing; brave answers nobody without a key"},
        {"{WebSearch:{engine:'searxng'}}",
         "1:2: error: WebSearch.url: missing; searxng has no address of its own, set it to that of "
         "your instance"},
        {"{WebSearch:{engine:'searxng',url:'http://u:p@s'}}",
         "1:34: error: WebSearch.url: a user or password cannot be sent; an api_key is sent as a "
         "bearer token"},
        {"{WebSearch:{max_results:7}}",
         "1:2: warning: WebSearch.engine: not set: the router asks no search engine; set it to "
         "searxng, brave, tavily or exa"},
    };
    for (const auto& [text, message] : cases) {
        EXPECT_EQ(testing::messages(testing::load(text)), std::vector<std::string>{message})
            << text;
    }
    EXPECT_FALSE(testing::load("{WebSearch:{engine:'exa',api_key:'k',max_results:21}}").ok());
    EXPECT_FALSE(testing::load("{WebSearch:{engine:'exa',api_key:'k',timeout_ms:0}}").ok());
}

}  // namespace
}  // namespace ccr::config
