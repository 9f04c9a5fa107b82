// SPDX-License-Identifier: MIT
// Requests recorded from Claude Code, one kind after the other, under a config with all routes:
// each ends where the owner of such a config means it to.
#include "daemon/route/scenario.hpp"
#include "daemon/route/session.hpp"
#include "daemon/route/subagent_tag.hpp"
#include "daemon/route/token_estimate.hpp"
#include "tests/testing/request_run.hpp"
#include "tests/unit/route/helpers.hpp"

namespace ccr::route {
namespace {

constexpr const char* config = R"({
  Providers: [{name: "p", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
               models: ["main", "bg", "thinker", "long", "web", "eyes"]},
              {name: "ds", api_base_url: "http://127.0.0.1:9/v1/chat/completions",
               models: ["small"]}],
  Router: {default: "p,main", background: "p,bg", think: "p,thinker", longContext: "p,long",
           webSearch: "p,web", image: "p,eyes"},
})";

std::string body_of(std::string_view name) {
    static const auto all = ccr::testing::recorded_requests(CCR_TEST_DATA "/claude-code");
    for (const auto& recorded : all)
        if (recorded.name == name) return recorded.body;
    ADD_FAILURE() << "no recording " << name;
    return "{}";
}

std::string route_of(std::string body) {
    const auto all = testing::directory(config);
    const auto chat = testing::request(std::move(body));
    Inquiry inquiry;
    inquiry.requested = chat->model;
    inquiry.chat = chat.get();
    inquiry.tokens = [&](std::int64_t) { return estimate_tokens(*chat); };
    const auto plan = decide(*all, inquiry);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().chain());
    return plan ? std::string(plan->route) + " " + testing::target(*plan) : "";
}

struct Case {
    const char* recording;
    const char* route;
};

class RequestKind : public ::testing::TestWithParam<Case> {};

TEST_P(RequestKind, EndsWhereItsOwnerMeant) {
    EXPECT_EQ(route_of(body_of(GetParam().recording)), GetParam().route) << GetParam().recording;
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, RequestKind,
    ::testing::Values(
        // main: adaptive thinking of medium effort is how the client always asks
        Case{"01-plain-opus-5-5#1", "default p,main"}, Case{"02-bash-loop#2", "default p,main"},
        Case{"05-thinking-tool#2", "default p,main"},
        Case{"06-redacted-thinking#2", "default p,main"}, Case{"07-image-read#1", "default p,main"},
        Case{"07-image-read#2", "image p,eyes"}, Case{"08-pdf-read#2", "default p,main"},
        Case{"10-subagent#2", "default p,main"}, Case{"10-subagent#3", "default p,main"},
        Case{"11-toolsearch#2", "default p,main"}, Case{"12-websearch#1", "default p,main"},
        Case{"12-websearch#3", "webSearch p,web"},
        Case{"14-sonnet-4-5-old-shape#1", "think p,thinker"},
        Case{"15-haiku-4-5#1", "background p,bg"}, Case{"20-count-tokens#5", "default p,main"},
        Case{"21-title-structured-output#1", "explicit ds,small"},
        Case{"25-nonstream-fallback#2", "default p,main"}, Case{"26-mcp-tool#2", "default p,main"},
        Case{"26-mcp-tool#3", "image p,eyes"}));

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.rfind(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// An unknown model id is asked with effort high: named outright it goes where it says, under a
// Claude name of high effort it is thinking that was asked for.
TEST(RequestKinds, HighEffort) {
    const std::string high =
        replaced(body_of("01-plain-opus-5-5#1"), R"("effort":"medium")", R"("effort":"high")");
    EXPECT_EQ(route_of(high), "think p,thinker");
    EXPECT_EQ(route_of(replaced(high, "claude-opus-5-5", "p,main")), "explicit p,main");
}

// The title request goes to the session model behind a gateway, and stays there.
TEST(RequestKinds, TitleOfTheSessionModel) {
    EXPECT_EQ(
        route_of(replaced(body_of("21-title-structured-output#1"), "ds,small", "claude-opus-5-5")),
        "default p,main");
}

// The auto-mode classifier: 144 KB under a fixed name, thinking disabled, no stream.
TEST(RequestKinds, Classifier) {
    const std::string body =
        R"({"model":"claude-sonnet-5","max_tokens":64,"stop_sequences":["</block>"],)"
        R"("thinking":{"type":"disabled"},"system":")" +
        std::string(100'000, 'x') + R"(","messages":[{"role":"user","content":"judge"}]})";
    EXPECT_EQ(route_of(body), "default p,main");
}

// An agent's file may begin with the tag; its prompt is the third system block.
TEST(RequestKinds, SubagentWithATag) {
    const auto plain = testing::request(body_of("10-subagent#2"));
    ASSERT_EQ(plain->system.size(), 3U);
    EXPECT_FALSE(find_subagent_tag(*plain));
    const std::string_view prompt = plain->system[2].text.bytes;
    std::string tagged(plain->document.source());
    tagged.insert(static_cast<std::size_t>(prompt.data() - plain->document.source().data()),
                  "<CCR-SUBAGENT-MODEL>ds,small</CCR-SUBAGENT-MODEL>");
    const auto found = find_subagent_tag(*testing::request(tagged));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->model, "ds,small");
    EXPECT_EQ(found->body, plain->document.source());
}

TEST(RequestKinds, AllBelongToASession) {
    const auto chat = testing::request(body_of("01-plain-opus-5-5#1"));
    EXPECT_EQ(session_id("", chat->user_id), "00000000-0000-4000-8000-000000000001")
        << chat->user_id;
}

}  // namespace
}  // namespace ccr::route
