// SPDX-License-Identifier: MIT
#include "daemon/dialect/profile.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ccr::dialect {
namespace {

TEST(Profile, IsFoundByNameThenHostThenProvider) {
    EXPECT_EQ(find_profile("kimi", "api.deepseek.com", "groq").name, "kimi");
    EXPECT_EQ(find_profile("", "api.deepseek.com", "groq").name, "deepseek");
    EXPECT_EQ(find_profile("", "API.DeepSeek.com", "").name, "deepseek");
    EXPECT_EQ(find_profile("", "gateway.example", "Groq").name, "groq");
    EXPECT_EQ(find_profile("", "gateway.example", "mine").name, "openai-compatible");
    EXPECT_EQ(find_profile("", "my-resource.openai.azure.com", "").name, "azure");
    EXPECT_EQ(find_profile("", "notapi.x.ai.example", "").name, "openai-compatible");
    EXPECT_EQ(find_profile("zai", "", "").name, "glm");
    EXPECT_EQ(profile_named("nonsense"), nullptr);
}

TEST(Profile, RowsHaveDistinctNamesAndFamilies) {
    std::set<std::string> names;
    std::set<std::string> families;
    for (const auto name : profile_names()) {
        EXPECT_TRUE(names.emplace(name).second) << name;
        families.insert(profile_named(name)->family);
    }
    // Azure and Gemini's own format share families: the same models behind another door.
    EXPECT_EQ(families.size(), names.size() - 2);
}

Result<Profile> overridden(std::string_view text) {
    const auto parsed = json5::parse(text);
    EXPECT_TRUE(parsed.errors.empty());
    return apply_overrides(*profile_named("deepseek"), parsed.root);
}

TEST(Profile, OverridesSetSingleFields) {
    const auto profile = overridden(
        R"({tool_choice: "auto_only", images: true, max_tools: 7, family: "own", thinking: 'glm'})");
    ASSERT_TRUE(profile) << profile.error().detail;
    EXPECT_EQ(profile->tool_choice, ToolChoiceSupport::auto_only);
    EXPECT_TRUE(profile->images);
    EXPECT_EQ(profile->max_tools, 7U);
    EXPECT_EQ(profile->family, "own");
    EXPECT_EQ(profile->thinking, ThinkingStyle::glm);
    EXPECT_FALSE(profile->null_content);
}

TEST(Profile, WrongOverridesNameKeyAndPlace) {
    const auto message = [](std::string_view text) {
        const auto profile = overridden(text);
        return profile ? std::string("accepted") : profile.error().detail;
    };
    EXPECT_EQ(message("{\n  image: true}"), "2:3: no such field: image (did you mean images?)");
    EXPECT_EQ(message("{images: 1}"), "1:10: images should be true or false");
    EXPECT_EQ(message("{max_tools: -1}"), "1:13: max_tools should be a whole number, 0 or more");
    EXPECT_EQ(message("{prefill: 'both'}"),
              "1:11: prefill should be one of 'none', 'native', 'prefix', 'partial'");
    EXPECT_EQ(message("{max_tool_name: 3}"), "1:17: max_tool_name should be 16 or more");
    EXPECT_EQ(message("[]"), "1:1: should be an object");
}

TEST(Profile, ModelsRefineTheirProvider) {
    const Profile& openai = *profile_named("openai");
    EXPECT_TRUE(for_model(openai, "gpt-4o").sampling);
    EXPECT_FALSE(for_model(openai, "gpt-5.2-codex").sampling);
    EXPECT_TRUE(for_model(openai, "gpt-5-chat-latest").sampling);
    EXPECT_TRUE(for_model(openai, "o4-mini").developer_role);
    EXPECT_FALSE(for_model(openai, "omni-moderation").developer_role);
    EXPECT_TRUE(for_model(openai, "gpt-5.4").tools_need_no_reasoning);
    EXPECT_TRUE(for_model(openai, "gpt-5.10").tools_need_no_reasoning);
    EXPECT_FALSE(for_model(openai, "gpt-5.3").tools_need_no_reasoning);
    EXPECT_TRUE(for_model(*profile_named("glm"), "glm-4.5v").images);
    EXPECT_FALSE(for_model(*profile_named("glm"), "glm-5").images);
    EXPECT_TRUE(for_model(*profile_named("qwen"), "qwen3-vl-plus").images);
    EXPECT_EQ(for_model(*profile_named("kimi"), "kimi-k2.7").tool_choice,
              ToolChoiceSupport::no_required);
    EXPECT_EQ(for_model(*profile_named("xai"), "grok-4").max_stop_sequences, 0U);
}

TEST(Profile, TheResponsesFormatRefinesItsProvider) {
    const Profile& openai = *profile_named("openai");
    const Profile refined = for_responses(for_model(openai, "gpt-5.4"));
    EXPECT_EQ(refined.reasoning_field, ReasoningField::reasoning_item);
    EXPECT_EQ(refined.web_search, WebSearch::web_search_tool);
    EXPECT_EQ(refined.max_stop_sequences, 0U);
    EXPECT_FALSE(refined.tools_need_no_reasoning);
    EXPECT_EQ(for_responses(*profile_named("lmstudio")).web_search, WebSearch::none);
    const auto parsed = json5::parse("{tool_media: false, max_stop_sequences: 4}");
    const auto own = apply_overrides(openai, parsed.root);
    ASSERT_TRUE(own);
    EXPECT_FALSE(for_responses(*own).tool_media);
    EXPECT_EQ(for_responses(*own).max_stop_sequences, 0U);
    EXPECT_TRUE(at_home(openai, "eu.api.openai.com"));
    EXPECT_FALSE(at_home(openai, "gw.example"));
}

TEST(Profile, TheUsersWordStandsAgainstTheModelsName) {
    const auto parsed = json5::parse("{sampling: true}");
    const auto profile = apply_overrides(*profile_named("openai"), parsed.root);
    ASSERT_TRUE(profile);
    const Profile refined = for_model(*profile, "gpt-5.2");
    EXPECT_TRUE(refined.sampling);
    EXPECT_TRUE(refined.developer_role);
}

}  // namespace
}  // namespace ccr::dialect
