// SPDX-License-Identifier: MIT
#include "daemon/route/capability.hpp"

#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

using testing::directory;
using testing::request;

struct NameCase {
    const char* model;
    Ability sees;
};

class SeesByName : public ::testing::TestWithParam<NameCase> {};

TEST_P(SeesByName, AsItsMakerSays) {
    EXPECT_EQ(sees_by_name(GetParam().model), GetParam().sees) << GetParam().model;
}

constexpr auto yes = Ability::yes;
constexpr auto no = Ability::no;
constexpr auto unknown = Ability::unknown;

INSTANTIATE_TEST_SUITE_P(
    Table, SeesByName,
    ::testing::Values(
        NameCase{"gpt-4o-mini", yes}, NameCase{"openai/gpt-5.2", yes}, NameCase{"gpt-4", no},
        NameCase{"gpt-4-turbo", yes}, NameCase{"gpt-oss:120b", no}, NameCase{"o3", yes},
        NameCase{"openai/o4-mini", yes}, NameCase{"o3-mini", no},
        NameCase{"anthropic/claude-sonnet-4.5", yes}, NameCase{"google/gemini-3-pro", yes},
        NameCase{"gemma-3-27b-it", yes}, NameCase{"gemma2:9b", no}, NameCase{"glm-4.7", no},
        NameCase{"z-ai/glm-4.6v", yes}, NameCase{"glm-4v-plus", yes}, NameCase{"glm-9", unknown},
        NameCase{"Qwen/Qwen3-VL-235B", yes}, NameCase{"qwen3-coder-plus", no},
        NameCase{"qwen2.5-omni", yes}, NameCase{"kimi-k2-0905-preview", no},
        NameCase{"kimi-k2.5", yes}, NameCase{"moonshotai/kimi-k3", yes},
        NameCase{"deepseek-chat", no}, NameCase{"DeepSeek-Reasoner", no},
        NameCase{"deepseek-vl2", yes}, NameCase{"llama3.2-vision:11b", yes},
        NameCase{"llama-3.3-70b", no}, NameCase{"meta-llama/llama-4-scout", yes},
        NameCase{"pixtral-12b", yes}, NameCase{"llava:13b", yes}, NameCase{"minicpm-v", yes},
        NameCase{"grok-4-fast", yes}, NameCase{"grok-code-fast-1", no}, NameCase{"grok-3", no},
        NameCase{"minimax-m2", no}, NameCase{"dolphin-x", unknown}, NameCase{"my-model", unknown}));

constexpr const char* providers = R"({Providers: [
  {name: "deepseek", api_base_url: "https://api.deepseek.com/chat/completions", api_key: "k",
   models: ["deepseek-chat", {name: "eyes", vision: true}]},
  {name: "any", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
   models: ["gpt-4o", "mystery", {name: "gpt-5", vision: false},
            {name: "dull", thinking: false, tools: false, contextWindow: 32000},
            {name: "deep", thinking: true}]},
  {name: "told", api_base_url: "http://127.0.0.1:9/v1/chat/completions", models: ["gpt-4o"],
   profile: {images: false}},
]})";

TEST(CanSee, ConfigThenProfileThenName) {
    const auto all = directory(providers);
    ASSERT_TRUE(all);
    const auto see = [&](std::string_view provider, std::string_view model) {
        return can_see(*all->find(provider), model);
    };
    EXPECT_EQ(see("deepseek", "deepseek-chat"), no);
    EXPECT_EQ(see("deepseek", "unlisted"), no) << "its profile row takes no images";
    EXPECT_EQ(see("deepseek", "eyes"), yes);
    EXPECT_EQ(see("any", "gpt-4o"), yes);
    EXPECT_EQ(see("any", "gpt-5"), no);
    EXPECT_EQ(see("any", "mystery"), unknown);
    EXPECT_EQ(see("told", "gpt-4o"), no);
}

TEST(TargetProfile, ModelEntriesOverrideIt) {
    const auto all = directory(providers);
    ASSERT_TRUE(all);
    EXPECT_TRUE(target_profile(*all->find("deepseek"), "eyes").images);
    EXPECT_FALSE(target_profile(*all->find("deepseek"), "deepseek-chat").images);
    EXPECT_TRUE(target_profile(*all->find("any"), "mystery").images) << "not known: let it try";
    EXPECT_FALSE(target_profile(*all->find("any"), "gpt-5").images);
    EXPECT_EQ(target_profile(*all->find("any"), "dull").thinking, dialect::ThinkingStyle::none);
    EXPECT_EQ(target_profile(*all->find("any"), "deep").thinking,
              dialect::ThinkingStyle::reasoning_effort);
}

TEST(Capability, TellsWhatTheConfigSays) {
    const auto all = directory(providers);
    ASSERT_TRUE(all);
    const auto dull = capability(*all->find("any"), "dull");
    EXPECT_EQ(dull.tools, no);
    EXPECT_EQ(dull.thinking, no);
    EXPECT_EQ(dull.context_window, 32000);
    EXPECT_EQ(capability(*all->find("any"), "mystery").tools, unknown);
}

std::string image(std::string_view more = "") {
    return R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAAAAAA"})" +
           std::string(more) + "}";
}

TEST(Images, OfTheLastTurn) {
    const auto last = [](const std::string& messages) {
        return image_in_last_turn(*request(R"({"model":"m","messages":[)" + messages + "]}"));
    };
    const std::string picture = R"({"role":"user","content":[)" + image() + "]}";
    const std::string result =
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[)" +
        image() + "]}]}";
    const std::string text = R"({"role":"user","content":"x"})";
    const std::string reply = R"({"role":"assistant","content":"y"})";
    const std::string system = R"({"role":"system","content":"z"})";
    EXPECT_TRUE(last(picture));
    EXPECT_TRUE(last(result));
    EXPECT_TRUE(last(picture + "," + system)) << "newer clients end with a system message";
    EXPECT_TRUE(last(result + "," + text)) << "one turn in two messages";
    EXPECT_FALSE(last(picture + "," + reply + "," + text));
    EXPECT_FALSE(last(picture + "," + reply));
    EXPECT_FALSE(last(text));
}

TEST(Images, AreReplacedByANoteAndNothingElseIs) {
    const std::string before = R"({ "model":"m", "n":1.0, "messages":[{"role":"user","content":[)";
    const std::string after = R"({"type":"text","text":"é"}]}]})";
    const auto chat =
        request(before + image(R"(,"cache_control":{"type":"ephemeral"})") +
                R"(,{"type":"tool_result","tool_use_id":"t","content":[)" + image() +
                R"(]},{"type":"image","source":{"type":"url","url":"http://x/y"}},)" + after);
    ASSERT_TRUE(image_anywhere(*chat));
    const std::string note = R"({"type":"text","text":"[image omitted: image/png, 6 bytes)";
    const std::string tail = "; this model cannot see images]\"";
    EXPECT_EQ(body_without_images(*chat),
              before + note + tail + R"(,"cache_control":{"type":"ephemeral"}})" +
                  R"(,{"type":"tool_result","tool_use_id":"t","content":[)" + note + tail +
                  "}]},{\"type\":\"text\",\"text\":\"[image omitted: image" + tail + "}," + after);
    EXPECT_FALSE(image_anywhere(*request(body_without_images(*chat))));
}

}  // namespace
}  // namespace ccr::route
