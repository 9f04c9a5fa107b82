// SPDX-License-Identifier: MIT
// What is told about a decision, beside the decision itself.
#include "daemon/route/scenario.hpp"
#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

using testing::directory;
using testing::request;

constexpr const char* config = R"({
  Providers: [{name: "Main", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
               models: ["alpha", "bg", "thinker", "long", "web", {name: "eyes", vision: true}]}],
  Router: {default: "Main,alpha", background: "Main,bg", think: "Main,thinker",
           longContext: "Main,long", longContextThreshold: 1000, webSearch: "Main,web",
           image: "Main,eyes"},
})";

TEST(Explain, NamesEachRuleAndWhy) {
    const auto all = directory(config);
    ASSERT_TRUE(all);
    const auto chat =
        request(R"({"model":"m","messages":[{"role":"user","content":"x"}])"
                R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}})");
    Inquiry inquiry;
    inquiry.requested = "claude-opus-5-5";
    inquiry.chat = chat.get();
    inquiry.tokens = [](std::int64_t) { return std::int64_t{12}; };
    const auto told = explain(*all, inquiry);
    ASSERT_TRUE(told.plan);
    const std::pair<std::string_view, std::string_view> expected[] = {
        {"custom", "no custom router has named a target"},
        {"explicit", "the model names no target"},
        {"longContext", "12 tokens, threshold 1000"},
        {"subagent", "no <CCR-SUBAGENT-MODEL> tag"},
        {"background", "the model is not a small one"},
        {"webSearch", "no web search tool"},
        {"think", "effort medium is below high"},
        {"default", "no other rule applies"},
        {"image", "no image in the last user turn"}};
    ASSERT_EQ(told.steps.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        EXPECT_EQ(told.steps[i].rule, expected[i].first);
        EXPECT_EQ(told.steps[i].why, expected[i].second);
        EXPECT_EQ(told.steps[i].applies, told.steps[i].rule == "default");
    }
    EXPECT_EQ(told.plan->route, decide(*all, inquiry)->route);
}

}  // namespace
}  // namespace ccr::route
