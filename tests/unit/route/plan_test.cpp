// SPDX-License-Identifier: MIT
#include "daemon/route/plan.hpp"

#include <gtest/gtest.h>

#include "common/config/load.hpp"

namespace ccr::route {
namespace {

constexpr const char* two_providers = R"({
  Providers: [
    {name: "DeepSeek", api_base_url: "https://api.deepseek.com/chat/completions", api_key: "k",
     models: ["deepseek-chat", "shared"]},
    {name: "local", api_base_url: "http://127.0.0.1:11434/v1/chat/completions",
     models: ["qwen3", "shared", "a,b"]},
  ],
  Router: {default: "deepseek, deepseek-chat"},
})";

std::shared_ptr<const Directory> directory(std::string_view text) {
    const auto loaded = config::load_text(text, "test.json");
    EXPECT_TRUE(loaded.ok()) << (loaded.problems.empty() ? "" : format(loaded.problems.front()));
    auto built = Directory::build(loaded.config);
    EXPECT_TRUE(built) << (built ? "" : built.error().chain());
    return built ? *built : nullptr;
}

struct Case {
    const char* requested;
    const char* route;
    const char* provider;
    const char* model;
};

class PlanTable : public testing::TestWithParam<Case> {};

TEST_P(PlanTable, PicksTheTarget) {
    const auto providers = directory(two_providers);
    ASSERT_TRUE(providers);
    const auto chosen = plan(*providers, GetParam().requested);
    ASSERT_TRUE(chosen) << chosen.error().detail;
    EXPECT_EQ(chosen->route, GetParam().route);
    ASSERT_EQ(chosen->candidates.size(), 1U);
    EXPECT_EQ(chosen->candidates[0].provider->config->name, GetParam().provider);
    EXPECT_EQ(chosen->candidates[0].model, GetParam().model);
    EXPECT_FALSE(chosen->reason.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, PlanTable,
    testing::Values(Case{"local,qwen3", "explicit", "local", "qwen3"},
                    Case{" LOCAL , QWEN3 ", "explicit", "local", "qwen3"},
                    Case{"local,a,b", "explicit", "local", "a,b"},
                    Case{"deepseek,unlisted-model", "explicit", "DeepSeek", "unlisted-model"},
                    Case{"qwen3", "explicit", "local", "qwen3"},
                    Case{"claude-ccr-local-qwen3", "explicit", "local", "qwen3"},
                    Case{"claude-ccr-deepseek-deepseek-chat", "explicit", "DeepSeek",
                         "deepseek-chat"},
                    Case{"claude-ccr-nobody-x", "default", "DeepSeek", "deepseek-chat"},
                    Case{"shared", "default", "DeepSeek", "deepseek-chat"},
                    Case{"claude-opus-5-5", "default", "DeepSeek", "deepseek-chat"},
                    Case{"", "default", "DeepSeek", "deepseek-chat"}));

TEST(Plan, UnknownProviderIsNotFoundAndNamesWhatThereIs) {
    const auto chosen = plan(*directory(two_providers), "nobody,model");
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().kind, ErrorKind::not_found);
    EXPECT_TRUE(chosen.error().detail.starts_with("model: nobody,model"));
    EXPECT_NE(chosen.error().detail.find("DeepSeek, local"), std::string::npos);
}

TEST(Plan, WithoutDefaultAnUnknownModelIsNotFound) {
    const auto providers = directory(R"({Providers: [{name: "a", api_base_url:
        "http://127.0.0.1:1/v1/chat/completions", models: ["m"]}]})");
    ASSERT_TRUE(providers);
    const auto chosen = plan(*providers, "claude-x");
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().kind, ErrorKind::not_found);
    EXPECT_TRUE(chosen.error().detail.starts_with("model: claude-x"));
}

}  // namespace
}  // namespace ccr::route
