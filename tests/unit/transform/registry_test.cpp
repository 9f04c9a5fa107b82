// SPDX-License-Identifier: MIT
// The registry, and which transformers a configuration resolves to.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/config/load.hpp"
#include "common/config/transformers.hpp"
#include "daemon/transform/transforms.hpp"
#include "tests/testing/transform_run.hpp"

namespace ccr::transform {
namespace {

using testing::member;
using testing::simple_body;
using testing::TransformRun;

TEST(Transforms, AreThoseThatTheConfigurationKnows) {
    std::set<std::string_view> known;
    for (const auto& spec : config::transformer_specs())
        known.insert(spec.name);
    std::set<std::string_view> ours;
    for (const Transform& row : transforms())
        EXPECT_TRUE(ours.insert(row.name).second) << row.name << " twice";
    EXPECT_EQ(ours, known);
    for (const Transform& row : transforms()) {
        EXPECT_TRUE(row.profile.empty() || dialect::profile_named(row.profile) != nullptr)
            << row.name;
        EXPECT_TRUE(row.filters == nullptr || row.filter != nullptr) << row.name;
    }
}

TEST(Transforms, AreFoundInAnySpelling) {
    for (const std::string_view name : {"openrouter", "OpenRouter", "OPENROUTER"})
        EXPECT_NE(find_transform(name), nullptr) << name;
    EXPECT_EQ(find_transform("open-router"), nullptr);
}

TEST(Chains, ThreeSpellingsAreOne) {
    for (const char* use : {R"({use: ["cleancache"]})", R"({use: [["cleancache"]]})",
                            R"({use: [["cleancache", {}]]})", R"({m: {use: ["CleanCache"]}})"}) {
        TransformRun run(use);
        ASSERT_EQ(run.problem(), "") << use;
        EXPECT_NE(run.chain("m"), nullptr) << use;
    }
}

TEST(Chains, AProviderWithoutEffectPaysNothing) {
    for (const char* use :
         {"{}", R"({use: ["OpenAI", "identity", ["maxtoken", {max_tokens: 5}]]})"}) {
        TransformRun run(use);
        ASSERT_EQ(run.problem(), "") << use;
        EXPECT_EQ(run.chain("m"), nullptr) << use;
    }
}

TEST(Chains, AModelsListComesBehindTheProviders) {
    TransformRun run(R"({
        use: [["sampling", {temperature: 0.9}], ["maxtoken", {max_tokens: 300}]],
        m: {use: [["sampling", {temperature: 0.2}], ["customparams", {tag: "x"}]]}})");
    ASSERT_EQ(run.problem(), "");
    const std::string body = run.chat(R"({"model":"c","max_tokens":1000,"temperature":1,
        "messages":[{"role":"user","content":"x"}]})");
    EXPECT_EQ(member(body, "temperature"), "0.2");
    EXPECT_EQ(member(body, "max_tokens"), "300");
    EXPECT_EQ(member(body, "tag"), "\"x\"");
    const std::string other = run.chat(simple_body(), "another");
    EXPECT_EQ(member(other, "temperature"), "0.9");
    EXPECT_EQ(member(other, "tag"), "");
}

TEST(Chains, OrderDecidesBetweenEquals) {
    TransformRun run(
        R"({use: [["sampling", {top_p: 0.1}], ["sampling", {top_p: 0.3, top_k: 4}]]})");
    EXPECT_EQ(run.chat_member("top_p"), "0.3");
    EXPECT_EQ(run.chat_member("top_k"), "4");
}

TEST(Chains, RepliesMeetTheListsBackwards) {
    // The provider's list converts <think>, the model's list turns ExitTool into text first: only
    // if the model's filter is in front does the tag in the tool's answer become thinking.
    TransformRun run(R"({use: ["extrathinktag"], m: {use: ["tooluse"]}})");
    ASSERT_EQ(run.problem(), "");
    const std::string arguments = R"({"response":"<think>hm</think>ok"})";
    const auto deltas = testing::call_deltas("ExitTool", arguments, 3);
    EXPECT_EQ(run.streamed(testing::chat_stream(deltas, "tool_calls")), "thinking[hm] text[ok]");
    TransformRun other(R"({use: ["tooluse"], m: {use: ["extrathinktag"]}})");
    EXPECT_EQ(other.streamed(testing::chat_stream(deltas, "tool_calls")),
              "text[<think>hm</think>ok]");
}

TEST(Chains, StandForAProfileWhereTheHostSaysNothing) {
    TransformRun run(R"({use: ["glm"], m: {use: ["kimi"]}})");
    EXPECT_EQ(run.provider().profile.name, "glm");
    EXPECT_EQ(run.provider().profile_for("M").name, "kimi");
    EXPECT_EQ(run.provider().profile_for("other").name, "glm");
    for (const char* name : {"deepseek", "openrouter", "vercel", "groq", "cerebras", "minimax"}) {
        TransformRun one(std::string("{use: [\"") + name + "\"]}");
        ASSERT_EQ(one.problem(), "") << name;
        EXPECT_EQ(one.provider().profile.name, name);
    }
    TransformRun named(R"({use: ["glm"]})", R"(profile: "vllm")");
    EXPECT_EQ(named.provider().profile.name, "vllm");
}

TEST(Chains, AKnownHostCountsMoreThanATransformersName) {
    const auto nothing = [](std::string_view) -> std::optional<std::string> {
        return std::nullopt;
    };
    const auto loaded = config::load_text(R"({Providers: [
        {name: "r", api_base_url: "https://openrouter.ai/api/v1/chat/completions", api_key: "k",
         models: ["m"], transformer: {use: ["openrouter"], "x/deepseek": {use: ["deepseek"]}}}],
        Router: {default: "r,m"}})",
                                          "c.json", nothing);
    ASSERT_TRUE(loaded.ok());
    const auto directory = route::Directory::build(loaded.config);
    ASSERT_TRUE(directory);
    EXPECT_EQ((*directory)->find("r")->profile_for("x/deepseek").name, "openrouter");
}

TEST(Chains, WhatIsNoTagIsRefusedByName) {
    TransformRun run(R"({use: [["thinktag", {tags: ["plan", "<"]}]]})");
    EXPECT_NE(run.problem().find("thinktag: tags: '<' is no tag"), std::string::npos)
        << run.problem();
}

}  // namespace
}  // namespace ccr::transform
