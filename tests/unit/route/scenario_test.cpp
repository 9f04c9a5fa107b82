// SPDX-License-Identifier: MIT
// The decision list, rule by rule and against each other. Where Node's router does the same, a case
// says KEEP, where we differ on purpose FIX.
#include "daemon/route/scenario.hpp"

#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

using testing::directory;
using testing::request;

constexpr const char* full = R"({
  Providers: [
    {name: "Main", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
     models: ["alpha", "bg", "thinker", "long", "web", "shared", "a,b",
              {name: "eyes", vision: true}, {name: "blind", vision: false}]},
    {name: "other", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
     models: ["solo", "shared", {name: "seer", vision: true}]},
  ],
  Router: {default: "Main,alpha", background: "Main,bg", think: "Main,thinker",
           longContext: "Main,long", longContextThreshold: 1000, webSearch: "Main,web",
           image: "Main,eyes"},
})";

// The same without some routes.
constexpr const char* bare = R"({
  Providers: [{name: "Main", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
               models: ["alpha", {name: "blind", vision: false}]}],
  Router: {default: "Main,alpha"},
})";

constexpr const char* haiku = "claude-haiku-5-5";
constexpr const char* opus = "claude-opus-5-5";
constexpr const char* search = R"(,"tools":[{"type":"web_search_20250305","name":"web_search"}])";
constexpr const char* enabled = R"(,"thinking":{"type":"enabled","budget_tokens":1024})";
constexpr const char* adaptive_high =
    R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"})";
constexpr const char* text = R"({"role":"user","content":"x"})";
constexpr const char* picture =
    R"({"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]})";

// Every image is to go to the image route, and targets have names of the clients' own.
constexpr const char* forced = R"({
  Providers: [
    {name: "Main", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
     models: ["alpha", {name: "eyes", vision: true}]},
    {name: "other", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
     models: [{name: "seer", vision: true}]},
  ],
  Router: {default: "Main,alpha", image: "Main,eyes",
           modelAliases: {seer: "Main,alpha", gpt: "other,seer", gone: "nobody,x"}},
  forceUseImageAgent: true,
})";

const std::string earlier_picture =
    picture + std::string(R"(,{"role":"assistant","content":"a cat"},)") + text;

struct Asked {
    std::string model = opus;
    std::string more = {};  // members of the body
    std::string messages = text;
    std::string subagent = {};
    std::string custom = {};
    std::int64_t tokens = 10;
    std::int64_t last = 0;
};

struct Case {
    const char* name;
    Asked asked;
    const char* route;
    const char* target;
    const char* config = full;
};

Result<Plan> decided(const Directory& all, const Asked& asked) {
    const auto chat =
        request(R"({"model":"m")" + asked.more + R"(,"messages":[)" + asked.messages + "]}");
    Inquiry inquiry;
    inquiry.requested = asked.model;
    inquiry.chat = chat.get();
    inquiry.subagent_model = asked.subagent;
    inquiry.custom_answer = asked.custom;
    inquiry.last_input_tokens = asked.last;
    inquiry.tokens = [&](std::int64_t) { return asked.tokens; };
    return decide(all, inquiry);
}

class Scenario : public ::testing::TestWithParam<Case> {};

TEST_P(Scenario, TakesTheRoute) {
    const auto all = directory(GetParam().config);
    ASSERT_TRUE(all);
    const auto plan = decided(*all, GetParam().asked);
    ASSERT_TRUE(plan) << plan.error().chain();
    EXPECT_EQ(plan->route, GetParam().route) << plan->reason;
    EXPECT_EQ(testing::target(*plan), GetParam().target);
    EXPECT_FALSE(plan->reason.empty());
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Explicit, Scenario,
    ::testing::Values(
        Case{"KEEP_all_lower_case_matches", {"main,ALPHA"}, "explicit", "Main,alpha"},
        Case{"FIX_mixed_case_matches", {"mAiN,Alpha"}, "explicit", "Main,alpha"},
        Case{"FIX_trimmed", {" main , alpha "}, "explicit", "Main,alpha"},
        Case{"FIX_model_with_commas", {"main,a,b"}, "explicit", "Main,a,b"},
        Case{"KEEP_unlisted_model_forwarded", {"main,new-model"}, "explicit", "Main,new-model"},
        Case{"bare_name_of_one", {"solo"}, "explicit", "other,solo"},
        Case{"bare_name_of_two_is_none", {"shared"}, "default", "Main,alpha"},
        Case{"alias", {"claude-ccr-other-solo"}, "explicit", "other,solo"},
        Case{"KEEP_over_long_context",
             {"other,solo", "", text, "", "", 5000},
             "explicit",
             "other,solo"},
        Case{"KEEP_over_web_search", {"other,solo", search}, "explicit", "other,solo"},
        Case{"KEEP_over_think", {"other,solo", enabled}, "explicit", "other,solo"},
        Case{"KEEP_over_the_tag", {"other,solo", "", text, "Main,bg"}, "explicit", "other,solo"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Aliases, Scenario,
    ::testing::Values(Case{"named", {" GPT "}, "explicit", "other,seer", forced},
                      Case{"over_a_listed_model", {"seer"}, "explicit", "Main,alpha", forced},
                      Case{"others_as_ever", {"eyes"}, "explicit", "Main,eyes", forced}),
    name_of);

// What other routers' image agent is asked for when it is forced: the image model has a look at
// every image, also at those of earlier turns and where the target could see itself.
INSTANTIATE_TEST_SUITE_P(
    ForcedImages, Scenario,
    ::testing::Values(
        Case{"KEEP_last_turn", {opus, "", picture}, "image", "Main,eyes", forced},
        Case{"KEEP_although_the_target_sees", {"gpt", "", picture}, "image", "Main,eyes", forced},
        Case{"KEEP_in_an_earlier_turn", {"gpt", "", earlier_picture}, "image", "Main,eyes", forced},
        Case{"not_without_an_image", {"gpt"}, "explicit", "other,seer", forced},
        Case{"not_forced_and_the_target_sees",
             {"other,seer", "", picture},
             "explicit",
             "other,seer"},
        Case{"not_forced_and_earlier", {opus, "", earlier_picture}, "default", "Main,alpha"},
        Case{"custom_router_has_the_last_word",
             {opus, "", picture, "", "other,seer"},
             "custom",
             "other,seer",
             forced}),
    name_of);

TEST(ScenarioAliases, OneThatLeadsNowhereIsRefusedByName) {
    const auto all = directory(forced);
    ASSERT_TRUE(all);
    const auto plan = decided(*all, {"gone"});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, ErrorKind::not_found);
    EXPECT_NE(plan.error().chain().find("nobody"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    LongContext, Scenario,
    ::testing::Values(
        Case{
            "KEEP_more_than_threshold", {opus, "", text, "", "", 1001}, "longContext", "Main,long"},
        Case{"KEEP_threshold_itself_is_not",
             {opus, "", text, "", "", 1000},
             "default",
             "Main,alpha"},
        Case{"KEEP_session_was_long",
             {opus, "", text, "", "", 20'001, 60'001},
             "longContext",
             "Main,long",
             R"({Providers: [{name: "Main", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
                 models: ["alpha", "long"]}], Router: {default: "Main,alpha", longContext: "Main,long"}})"},
        Case{"KEEP_session_was_long_but_is_small_now",
             {opus, "", text, "", "", 20'000, 60'001},
             "default",
             "Main,alpha",
             R"({Providers: [{name: "Main", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
                 models: ["alpha", "long"]}], Router: {default: "Main,alpha", longContext: "Main,long"}})"},
        Case{"KEEP_over_the_tag",
             {opus, "", text, "other,solo", "", 1001},
             "longContext",
             "Main,long"},
        Case{"KEEP_over_background", {haiku, "", text, "", "", 1001}, "longContext", "Main,long"},
        Case{
            "KEEP_over_web_search", {opus, search, text, "", "", 1001}, "longContext", "Main,long"},
        Case{"KEEP_not_set", {opus, "", text, "", "", 99999}, "default", "Main,alpha", bare}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Subagent, Scenario,
    ::testing::Values(
        Case{"KEEP_tag", {opus, "", text, "other,solo"}, "subagent", "other,solo"},
        Case{"bare_name", {opus, "", text, "solo"}, "subagent", "other,solo"},
        Case{"KEEP_over_background", {haiku, "", text, "other,solo"}, "subagent", "other,solo"},
        Case{"KEEP_over_think", {opus, enabled, text, "other,solo"}, "subagent", "other,solo"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Background, Scenario,
    ::testing::Values(Case{"KEEP_claude_haiku", {haiku}, "background", "Main,bg"},
                      Case{"KEEP_old_name", {"claude-3-5-haiku-20241022"}, "background", "Main,bg"},
                      Case{"any_case", {"Claude-HAIKU"}, "background", "Main,bg"},
                      Case{"KEEP_over_web_search", {haiku, search}, "background", "Main,bg"},
                      Case{"KEEP_over_think", {haiku, enabled}, "background", "Main,bg"},
                      Case{"KEEP_not_set", {haiku}, "default", "Main,alpha", bare}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    WebSearch, Scenario,
    ::testing::Values(
        Case{"KEEP_server_tool", {opus, search}, "webSearch", "Main,web"},
        Case{"KEEP_over_think", {opus, std::string(search) + enabled}, "webSearch", "Main,web"},
        Case{"KEEP_a_plain_tool_of_that_name_is_none",
             {opus, R"(,"tools":[{"name":"web_search","input_schema":{"type":"object"}}])"},
             "default",
             "Main,alpha"},
        Case{"KEEP_not_set", {opus, search}, "default", "Main,alpha", bare}),
    name_of);

std::string adaptive(const char* effort) {
    return R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":")" + std::string(effort) +
           "\"}";
}

INSTANTIATE_TEST_SUITE_P(
    Think, Scenario,
    ::testing::Values(
        Case{"KEEP_enabled", {opus, enabled}, "think", "Main,thinker"},
        Case{"FIX_disabled_is_not",
             {opus, R"(,"thinking":{"type":"disabled"})"},
             "default",
             "Main,alpha"},
        Case{"FIX_budget_of_nothing",
             {opus, R"(,"thinking":{"type":"enabled","budget_tokens":0})"},
             "default",
             "Main,alpha"},
        Case{"FIX_adaptive_alone_is_not",
             {opus, R"(,"thinking":{"type":"adaptive"})"},
             "default",
             "Main,alpha"},
        Case{"FIX_adaptive_medium_is_not", {opus, adaptive("medium")}, "default", "Main,alpha"},
        Case{"adaptive_high", {opus, adaptive_high}, "think", "Main,thinker"},
        Case{"adaptive_max", {opus, adaptive("max")}, "think", "Main,thinker"},
        Case{"adaptive_of_a_new_word", {opus, adaptive("ludicrous")}, "default", "Main,alpha"},
        Case{"between_tools_high",
             {opus, R"(,"thinking":{"type":"between_tools"},"output_config":{"effort":"high"})"},
             "think",
             "Main,thinker"},
        Case{"effort_without_thinking",
             {opus, R"(,"output_config":{"effort":"max"})"},
             "default",
             "Main,alpha"},
        Case{"KEEP_not_set", {opus, enabled}, "default", "Main,alpha", bare}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ImageRoute, Scenario,
    ::testing::Values(
        Case{"KEEP_image_in_last_turn", {opus, "", picture}, "image", "Main,eyes"},
        Case{"KEEP_over_explicit", {"main,blind", "", picture}, "image", "Main,eyes"},
        Case{"KEEP_over_explicit_of_unknown_sight",
             {"main,alpha", "", picture},
             "image",
             "Main,eyes"},
        Case{"FIX_a_target_that_sees_keeps_it",
             {"other,seer", "", picture},
             "explicit",
             "other,seer"},
        Case{"KEEP_the_image_model_itself", {"main,eyes", "", picture}, "explicit", "Main,eyes"},
        Case{"KEEP_over_background", {haiku, "", picture}, "image", "Main,eyes"},
        Case{"KEEP_over_long_context", {opus, "", picture, "", "", 5000}, "image", "Main,eyes"},
        Case{"FIX_earlier_image_does_not_count",
             {opus, "", std::string(picture) + R"(,{"role":"assistant","content":"y"},)" + text},
             "default",
             "Main,alpha"},
        Case{"no_image_route", {opus, "", picture}, "default", "Main,alpha", bare}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Custom, Scenario,
    ::testing::Values(Case{"KEEP_over_all",
                           {"other,solo", search, picture, "Main,bg", "main,thinker", 5000},
                           "custom",
                           "Main,thinker"},
                      Case{"bare_name", {opus, "", text, "", "solo"}, "custom", "other,solo"},
                      Case{"FIX_answer_that_names_nothing_is_ignored",
                           {opus, "", text, "", "nobody,x"},
                           "default",
                           "Main,alpha"},
                      Case{"FIX_answer_that_is_no_target_is_ignored",
                           {opus, "", text, "", "shared"},
                           "default",
                           "Main,alpha"}),
    name_of);

TEST(Decide, CountsNothingUnlessARuleNeedsIt) {
    const auto all = directory(bare);
    ASSERT_TRUE(all);
    int counted = 0;
    Inquiry inquiry;
    inquiry.requested = opus;
    inquiry.tokens = [&](std::int64_t) { return ++counted; };
    ASSERT_TRUE(decide(*all, inquiry));
    EXPECT_EQ(counted, 0);

    const auto routed = directory(full);
    ASSERT_TRUE(routed);
    inquiry.requested = "other,solo";
    ASSERT_TRUE(decide(*routed, inquiry));
    EXPECT_EQ(counted, 0) << "an explicit route is not changed by a count";
    inquiry.requested = opus;
    ASSERT_TRUE(decide(*routed, inquiry));
    EXPECT_EQ(counted, 1);
}

TEST(Decide, ARouterOfASessionReplacesTheWhole) {
    const auto all = directory(full);
    ASSERT_TRUE(all);
    config::Router session;
    session.default_target = *config::parse_target("other,solo");
    const auto chat =
        request(R"({"model":"m","messages":[)" + std::string(text) + "]" + enabled + "}");
    Inquiry inquiry;
    inquiry.requested = haiku;
    inquiry.chat = chat.get();
    inquiry.router = &session;
    const auto plan = decide(*all, inquiry);
    ASSERT_TRUE(plan);
    EXPECT_EQ(testing::target(*plan), "other,solo");
    EXPECT_EQ(plan->route, "default") << "background of the config does not shine through";
}

TEST(Decide, IgnoreDirectTurnsNamesOff) {
    const auto all = directory(R"({
      Providers: [{name: "p", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
                   models: ["a", "b"]}],
      Router: {default: "p,a", ignoreDirect: true}})");
    ASSERT_TRUE(all);
    for (const char* name : {"p,b", "b", "claude-ccr-p-b", "nobody,x"}) {
        const auto plan = decided(*all, {name});
        ASSERT_TRUE(plan) << name;
        EXPECT_EQ(testing::target(*plan), "p,a") << name;
    }
}

TEST(Decide, ThinkEffortIsTheOwnersToSet) {
    const auto with = [](const char* effort) {
        return directory(R"({
          Providers: [{name: "p", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
                       models: ["a", "t"]}],
          Router: {default: "p,a", think: "p,t", thinkEffort: ")" +
                         std::string(effort) + "\"}}");
    };
    const auto route = [](const auto& all, std::string more) {
        const auto plan = decided(*all, {opus, std::move(more)});
        return plan ? std::string(plan->route) : plan.error().chain();
    };
    EXPECT_EQ(route(with("low"), adaptive("low")), "think");
    EXPECT_EQ(route(with("max"), adaptive("xhigh")), "default");
    EXPECT_EQ(route(with("max"), adaptive("max")), "think");
    EXPECT_EQ(route(with("never"), adaptive("max")), "default");
    EXPECT_EQ(route(with("never"), enabled), "think");
}

TEST(Decide, WithoutADefaultTheErrorSaysWhatThereIs) {
    const auto all = directory(R"({Providers: [{name: "p", api_base_url:
        "http://127.0.0.1:9/v1/chat/completions", models: ["m"]}]})");
    ASSERT_TRUE(all);
    for (const Asked& asked : {Asked{"claude-x"}, Asked{"nobody,x"}, Asked{"x", "", text, "none"},
                               Asked{"x", "", text, "nobody,m"}}) {
        const auto plan = decided(*all, asked);
        ASSERT_FALSE(plan);
        EXPECT_EQ(plan.error().kind, ErrorKind::not_found);
        EXPECT_TRUE(plan.error().detail.starts_with("model: ")) << plan.error().detail;
        EXPECT_NE(plan.error().detail.find("configured: p"), std::string::npos);
    }
}

TEST(Decide, AnImageRouteServesWithoutADefault) {
    const auto all = directory(R"({Providers: [{name: "p", api_base_url:
        "http://127.0.0.1:9/v1/chat/completions", models: ["m"]}], Router: {image: "p,m"}})");
    ASSERT_TRUE(all);
    const auto plan = decided(*all, {opus, "", picture});
    ASSERT_TRUE(plan) << plan.error().chain();
    EXPECT_EQ(plan->route, "image");
    EXPECT_FALSE(decided(*all, {opus}));
}

}  // namespace
}  // namespace ccr::route
