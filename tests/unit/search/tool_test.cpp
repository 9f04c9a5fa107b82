// SPDX-License-Identifier: MIT
#include "daemon/search/tool.hpp"

#include <gtest/gtest.h>

#include "daemon/dialect/anthropic.hpp"

namespace ccr::search {
namespace {

std::unique_ptr<chat::Request> asking(const std::string& tools, const std::string& more = {}) {
    auto chat = std::make_unique<chat::Request>();
    const auto decoded = dialect::anthropic::decode_count_request(
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[)" + tools + "]" +
            more + "}",
        *chat);
    EXPECT_TRUE(decoded);
    return chat;
}

TEST(SearchTool, SaysWhatTheClientAllows) {
    const auto plain = asking(R"({"type":"web_search_20250305","name":"web_search"})");
    EXPECT_EQ(terms_of(*plain).name, "web_search");
    EXPECT_EQ(terms_of(*plain).max_uses, 8);
    EXPECT_TRUE(terms_of(*plain).allowed.empty());
    const auto full = asking(
        R"({"type":"web_search_20260318","name":"find","max_uses":99,"allowed_domains":["a","b"],)"
        R"("blocked_domains":["c"],"user_location":{"type":"approximate","country":"DE"}})");
    const Terms terms = terms_of(*full);
    EXPECT_EQ(terms.name, "find");
    EXPECT_EQ(terms.max_uses, most_uses);
    EXPECT_EQ(terms.allowed, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(terms.blocked, std::vector<std::string>{"c"});
    EXPECT_EQ(terms.country, "DE");
    const auto filters = asking(
        R"({"type":"web_search_20250305","name":"web_search","filters":{"allowed_domains":["a"]}})");
    EXPECT_EQ(terms_of(*filters).allowed, std::vector<std::string>{"a"});
}

TEST(SearchTool, ItsFunctionHasANameOfItsOwn) {
    const auto twice = asking(R"({"name":"web_search","input_schema":{"type":"object"}},)"
                              R"({"type":"web_search_20250305","name":"web_search"})");
    EXPECT_EQ(terms_of(*twice).name, "web_search_1");
    std::string tools;
    for (int n = 0; n < 200; ++n) {
        const std::string name = std::string(60, 'x') + (n == 0 ? "" : "_" + std::to_string(n));
        tools += R"({"name":")" + name + R"(","input_schema":{"type":"object"}},)";
    }
    const std::string search = R"({"type":"web_search_20250305","name":")" + std::string(60, 'x');
    const auto many = asking(tools + search + R"("})");
    EXPECT_EQ(terms_of(*many).name, std::string(60, 'x') + "_200");
}

TEST(SearchTool, StandsInWhileTheRequestIsEncoded) {
    const auto chat = asking(R"({"name":"f","input_schema":{"type":"object"}},)"
                             R"({"type":"web_search_20250305","name":"web_search"},)"
                             R"({"type":"web_search_20260318","name":"again"})",
                             R"(,"tool_choice":{"type":"tool","name":"web_search"})");
    {
        const StandIn stand_in(*chat, "look_up");
        ASSERT_EQ(chat->tools.size(), 2U);
        EXPECT_EQ(chat->tools[1].name, "look_up");
        EXPECT_TRUE(chat->tools[1].type.empty());
        EXPECT_EQ(chat->tools[1].input_schema["required"].at(0).str(), "query");
        EXPECT_EQ(chat->tool_choice.name, "look_up");
    }
    ASSERT_EQ(chat->tools.size(), 3U);
    EXPECT_EQ(chat->tools[1].type, "web_search_20250305");
    EXPECT_EQ(chat->tool_choice.name, "web_search");
}

TEST(SearchTool, KnowsWhetherItIsThePoint) {
    const std::string search = R"({"type":"web_search_20250305","name":"web_search"})";
    const std::string other = R"(,{"name":"f","input_schema":{"type":"object"}})";
    EXPECT_TRUE(is_the_point(*asking(search)));
    EXPECT_FALSE(is_the_point(*asking(search + other)));
    EXPECT_TRUE(is_the_point(
        *asking(search + other, R"(,"tool_choice":{"type":"tool","name":"web_search"})")));
    EXPECT_FALSE(
        is_the_point(*asking(search + other, R"(,"tool_choice":{"type":"tool","name":"f"})")));
    EXPECT_FALSE(wanted(*asking(other.substr(1))));
}

TEST(SearchTool, ReadsQueriesAndWritesResults) {
    EXPECT_EQ(query_in(R"({"query":" zig \u0041 "})"), "zig A");
    for (const char* none : {"", "[", "{}", R"({"query":3})", R"({"query":"  "})"})
        EXPECT_EQ(query_in(none), std::nullopt) << none;
    const std::string text =
        as_text({{"https://a/", "A", "about a", "today"}, {"https://b/", "B", "", ""}});
    EXPECT_TRUE(
        text.starts_with("1. A\n   URL: https://a/\n   Date: today\n   about a\n\n"
                         "2. B\n   URL: https://b/\n\n"))
        << text;
    EXPECT_NE(as_text({}).find("No pages"), std::string::npos);
    EXPECT_EQ(code_of(ErrorKind::billing), "too_many_requests");
    EXPECT_EQ(code_of(ErrorKind::timeout), "unavailable");
    EXPECT_EQ(code_of(ErrorKind::rejected), "invalid_tool_input");
}

}  // namespace
}  // namespace ccr::search
