// SPDX-License-Identifier: MIT
#include "daemon/route/search.hpp"

#include <algorithm>
#include <tuple>

#include "daemon/route/scenario.hpp"
#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

using testing::directory;

const std::string providers =
    "Providers:["
    "{name:'plain',api_base_url:'http://h/v1/chat/"
    "completions',models:['m',{name:'dumb',tools:false}]},"
    "{name:'router',api_base_url:'http://h/v1/chat/completions',profile:'openrouter',models:['m']},"
    "{name:'claude',api_base_url:'http://h/v1/messages',protocol:'anthropic',models:['m']},"
    "{name:'old',api_base_url:'http://h/v1/messages',protocol:'anthropic',profile:'deepseek',"
    "models:['m']},"
    "{name:'kimi',api_base_url:'http://h/v1/chat/completions',profile:'kimi',models:['m']},"
    "{name:'own',api_base_url:'http://h/v1/responses',models:['m']}]";
const std::string engine = ",WebSearch:{engine:'searxng',url:'http://s'}";

std::string with(const std::string& router, const std::string& more = {}) {
    return "{" + providers + ",Router:{default:'plain,m'" + router + "}" + more + "}";
}

const char* const search = R"({"type":"web_search_20250305","name":"web_search"})";
const char* const own = R"({"name":"f","input_schema":{"type":"object"}})";

std::unique_ptr<chat::Request> asking(const std::string& tools, const std::string& more = {}) {
    return testing::request(R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[)" +
                            tools + "]" + more + "}");
}

TEST(Search, IsMadeByWhoeverCan) {
    const std::tuple<const char*, const char*, SearchBy, SearchBy> cases[] = {
        {"plain", "m", SearchBy::nobody, SearchBy::router},
        {"plain", "dumb", SearchBy::nobody, SearchBy::nobody},
        {"router", "m", SearchBy::provider, SearchBy::provider},
        {"claude", "m", SearchBy::provider, SearchBy::provider},
        {"old", "m", SearchBy::nobody, SearchBy::router},
        {"kimi", "m", SearchBy::echo, SearchBy::echo},
        {"own", "m", SearchBy::provider, SearchBy::provider},
    };
    const auto chat = asking(search);
    for (const auto& [name, model, without, with_engine] : cases) {
        for (const bool configured : {false, true}) {
            const auto all = directory(with("", configured ? engine : ""));
            const Target target{all->find(name), model};
            const auto speech = speech_for(target, *chat, *dialect::find("anthropic"));
            EXPECT_EQ(search_by(target, speech, all->config().web_search),
                      configured ? with_engine : without)
                << name << " " << model << " " << configured;
        }
    }
}

struct Routed {
    std::string config;
    std::string model;
    std::string tools;
    std::string more;
    std::string_view route;
    std::string_view target;
    std::string_view why;  // of the last step about it
};

TEST(Search, GoesToWhoCanWhereItIsWhatTheRequestIsAbout) {
    const std::string routed = ",webSearch:'router,m'";
    const std::string both = std::string(search) + "," + own;
    const std::string forced = R"(,"tool_choice":{"type":"tool","name":"web_search"})";
    const Routed cases[] = {
        {with(""), "x", search, "", "default", "plain,m", "Router.webSearch is not set"},
        {with(""), "x", both, "", "default", "plain,m", "goes without that tool"},
        {with("", engine), "x", search, "", "default", "plain,m", "with searxng"},
        {with(routed), "plain,m", search, "", "webSearch", "router,m", "cannot search"},
        {with(routed), "plain,m", both, forced, "webSearch", "router,m", "cannot search"},
        {with(routed), "plain,m", both, "", "explicit", "plain,m", "goes without that tool"},
        {with(routed, engine), "plain,m", search, "", "explicit", "plain,m", "with searxng"},
        {with(routed), "claude,m", search, "", "explicit", "claude,m", "claude searches the web"},
        {with(",webSearch:'old,m'"), "x", search, "", "webSearch", "old,m", "old cannot search"},
    };
    for (const Routed& each : cases) {
        const auto all = directory(each.config);
        const auto chat = asking(each.tools, each.more);
        Inquiry inquiry;
        inquiry.requested = each.model;
        inquiry.chat = chat.get();
        inquiry.door = dialect::find("anthropic");
        const auto told = explain(*all, inquiry);
        ASSERT_TRUE(told.plan) << told.plan.error().chain();
        EXPECT_EQ(told.plan->route, each.route) << each.why;
        EXPECT_EQ(testing::target(*told.plan), each.target) << each.why;
        const Step& step = *std::find_if(
            told.steps.rbegin(), told.steps.rend(),
            [](const Step& one) { return one.rule == "search" || one.rule == "webSearch"; });
        EXPECT_NE(step.why.find(each.why), std::string::npos) << step.why;
    }
}

TEST(Search, SaysWhatToDoWhereNobodyCan) {
    const auto all = directory(with(""));
    const Error error = no_search({all->find("plain"), "m"});
    EXPECT_EQ(error.kind, ErrorKind::invalid_request);
    for (const char* part : {"provider plain", "Router.webSearch", "WebSearch", "searxng"})
        EXPECT_NE(error.detail.find(part), std::string::npos) << error.detail;
}

}  // namespace
}  // namespace ccr::route
