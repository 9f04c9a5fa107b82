// SPDX-License-Identifier: MIT
// What a hook is told and what its answers come to; node and a Unix socket are met with real
// requests in tests/client.
#include "daemon/proxy/custom_router.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/json.hpp"
#include "daemon/dialect/anthropic.hpp"
#include "daemon/net/spawn.hpp"
#include "tests/testing/raw_server.hpp"
#include "tests/testing/run.hpp"

namespace ccr::proxy {
namespace {

using stats::HookResult;

std::unique_ptr<chat::Request> request(const std::string& members) {
    auto out = std::make_unique<chat::Request>();
    EXPECT_TRUE(
        dialect::anthropic::decode_count_request(R"({"model":"claude-x")" + members + "}", *out));
    return out;
}

std::unique_ptr<chat::Request> simple() {
    return request(R"(,"messages":[{"role":"user","content":"hi"}])");
}

TEST(CustomRouterAnswer, NamesATargetInManyForms) {
    struct Case {
        const char* answer;
        const char* target;
    };
    for (const Case& c : {
             Case{R"({"target": "p,m"})", "p,m"},
             Case{R"({"target": " p,m "})", "p,m"},
             Case{R"("p,m")", "p,m"},
             Case{"p,m\n", "p,m"},
             Case{"  p,m  \nand more words\n", "p,m"},
             Case{"", ""},
             Case{" \n", ""},
             Case{"null", ""},
             Case{"false", ""},
             Case{"undefined", ""},
             Case{"{}", ""},
             Case{R"({"target": null})", ""},
             Case{R"({"target": false})", ""},
             Case{R"({"target": ""})", ""},
         }) {
        const auto target = target_in(c.answer);
        ASSERT_TRUE(target) << c.answer;
        EXPECT_EQ(*target, c.target) << c.answer;
    }
    for (const std::string& wrong : {std::string("{"), std::string(R"({"target": 7})"),
                                     std::string(R"("p,m)"), std::string(600, 'x')}) {
        EXPECT_FALSE(target_in(wrong)) << wrong;
    }
}

TEST(CustomRouterQuestion, SumsTheRequestUp) {
    const std::string large(10'000, 'x');
    const auto chat = request(R"(,"stream":true,"max_tokens":5,"output_config":{"effort":"high"})"
                              R"(,"thinking":{"type":"enabled","budget_tokens":1024})"
                              R"(,"system":[{"type":"text","text":"a"},{"type":"text","text":")" +
                              large +
                              R"("}],"tools":[{"name":"Bash","input_schema":{}},)"
                              R"({"type":"web_search_20250305","name":"web_search"}],"messages":[)"
                              R"({"role":"user","content":[{"type":"image","source":)"
                              R"({"type":"base64","media_type":"image/png","data":"AAAA"}},)"
                              R"({"type":"text","text":"say \"hi\" 中"}]}])");
    http::Headers headers;
    headers.add("X-Api-Key", "secret-1");
    headers.add("Authorization", "Bearer secret-2");
    headers.add("Cookie", "secret-3");
    headers.add("X-App", "cli");
    json::Document document;
    const std::string text = summary({*chat, headers, "s1", 42});
    const auto root = document.parse_view(text);
    ASSERT_TRUE(root) << text;
    EXPECT_EQ((*root)["model"].str(), "claude-x");
    EXPECT_EQ((*root)["session_id"].str(), "s1");
    EXPECT_EQ((*root)["tokens"].integer(), 42);
    EXPECT_TRUE((*root)["stream"].boolean());
    EXPECT_EQ((*root)["max_tokens"].integer(), 5);
    EXPECT_EQ((*root)["thinking"]["type"].str(), "enabled");
    EXPECT_EQ((*root)["thinking"]["budget_tokens"].integer(), 1024);
    EXPECT_EQ((*root)["effort"].str(), "high");
    EXPECT_EQ((*root)["system"]["blocks"].integer(), 2);
    EXPECT_EQ((*root)["system"]["bytes"].integer(), 10'001);
    EXPECT_EQ((*root)["system"]["text"].str().size(), 4096U);
    EXPECT_EQ((*root)["messages"]["count"].integer(), 1);
    EXPECT_EQ((*root)["messages"]["images"].integer(), 1);
    EXPECT_EQ((*root)["last_user_text"].str(), "say \"hi\" 中");
    EXPECT_EQ((*root)["tools"].at(0)["name"].str(), "Bash");
    EXPECT_EQ((*root)["tools"].at(1)["type"].str(), "web_search_20250305");
    EXPECT_EQ((*root)["headers"]["x-app"].str(), "cli");
    EXPECT_EQ(text.find("secret"), std::string::npos);
}

// Not in the middle of a character or an escape, wherever the limit falls.
TEST(CustomRouterQuestion, CutsTextsBetweenCharacters) {
    for (std::size_t lead = 0; lead < 14; ++lead) {
        std::string words(lead, 'x');
        while (words.size() < 9000)
            words += "\xE4\xB8\xAD\\n\\ud83d\\ude00\xF0\x9F\x98\x80";
        const auto chat = request(R"(,"messages":[{"role":"user","content":")" + words + R"("}])");
        json::Document document;
        const http::Headers none;
        const std::string text = summary({*chat, none, "", 1});
        ASSERT_TRUE(document.parse_view(text)) << lead;
        const auto told = document.root()["last_user_text"].escaped();
        EXPECT_LE(told.size(), 4096U);
        EXPECT_GT(told.size(), 4096U - 13);
        EXPECT_TRUE(words.starts_with(told));
    }
}

class Hooked : public ::testing::Test {
  protected:
    Hooked() {
        std::string name = std::filesystem::temp_directory_path() / "ccr-hook-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        config_.custom_router.budget = Millis{10'000};
    }
    ~Hooked() override {
        testing::wind_up(loop_);
        std::filesystem::remove_all(folder_);
    }

    void program(const std::string& script) {
        config_.custom_router.kind = config::CustomRouter::Kind::executable;
        config_.custom_router.path = folder_ + "/hook";
        std::ofstream(config_.custom_router.path) << "#!/bin/sh\n" << script;
        std::filesystem::permissions(config_.custom_router.path, std::filesystem::perms::owner_all);
    }

    void server(std::uint16_t port) {
        config_.custom_router.kind = config::CustomRouter::Kind::http;
        config_.custom_router.url =
            *parse_url("http://127.0.0.1:" + std::to_string(port) + "/route");
    }

    std::string ask() {
        const auto chat = simple();
        const http::Headers headers;
        CustomRouter router(loop_, config_, shard_);
        return testing::run(loop_,
                            router.ask({*chat, headers, "", 1}, [](std::function<void()>) {}));
    }

    std::uint64_t counted(HookResult result) const {
        return shard_.custom_router(static_cast<std::size_t>(result));
    }

    net::Loop loop_;
    stats::Shard shard_;
    Config config_;
    std::string folder_;
};

TEST_F(Hooked, AProgramReadsTheQuestionAndPrintsTheTarget) {
    program("grep -q '\"model\":\"claude-x\"' && echo '{\"target\":\"p,m\"}'\n");
    EXPECT_EQ(ask(), "p,m");
    EXPECT_EQ(counted(HookResult::failed), 0U);
    EXPECT_EQ(counted(HookResult::none), 0U) << "the caller says where it led";
}

TEST_F(Hooked, NoOpinionIsNoFailure) {
    program("cat > /dev/null; echo null\n");
    EXPECT_EQ(ask(), "");
    EXPECT_EQ(counted(HookResult::none), 1U);
    EXPECT_EQ(counted(HookResult::failed), 0U);
}

TEST_F(Hooked, FailuresAreIgnoredAndCounted) {
    for (const char* script :
         {"exit 3\n", "echo '{'\n", "head -c 100000 /dev/zero | tr '\\0' x\n"}) {
        program(script);
        EXPECT_EQ(ask(), "") << script;
    }
    std::filesystem::remove(config_.custom_router.path);
    EXPECT_EQ(ask(), "");
    EXPECT_EQ(counted(HookResult::failed), 4U);
}

TEST_F(Hooked, TheBudgetEndsAProgramThatDoesNotAnswer) {
    program("exec sleep 60\n");
    config_.custom_router.budget = Millis{50};
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(ask(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
    EXPECT_EQ(counted(HookResult::failed), 1U);
}

TEST_F(Hooked, AnHttpServerIsPostedTheQuestion) {
    std::string head;
    testing::RawServer http([&head](int fd) {
        head = testing::read_until(fd, "\r\n\r\n");
        testing::send_all(fd, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\np,m");
    });
    server(http.port());
    EXPECT_EQ(ask(), "p,m");
    EXPECT_TRUE(head.starts_with("POST /route HTTP/1.1\r\n")) << head;
    EXPECT_NE(head.find("application/json"), std::string::npos);
}

TEST_F(Hooked, AnHttpServersOtherStatusesAreFailuresButForNoContent) {
    std::string status = "204 No Content";
    testing::RawServer http([&status](int fd) {
        (void)testing::read_until(fd, "\r\n\r\n");
        testing::send_all(fd, "HTTP/1.1 " + status + "\r\ncontent-length: 0\r\n\r\n");
    });
    server(http.port());
    EXPECT_EQ(ask(), "");
    EXPECT_EQ(counted(HookResult::none), 1U);
    status = "500 Oops\r\nconnection: close";
    EXPECT_EQ(ask(), "");
    EXPECT_EQ(counted(HookResult::failed), 1U);
}

net::asio::awaitable<void> ask_one(CustomRouter& router, const chat::Request& chat,
                                   const http::Headers& headers, int& answered) {
    const OnGone nobody_leaves = [](std::function<void()>) {};
    const Question question{chat, headers, "", 1};
    const std::string target = co_await router.ask(question, nobody_leaves);
    EXPECT_EQ(target, "");
    ++answered;
}

TEST_F(Hooked, MoreThanMayWaitDoWithoutIt) {
    program("exec sleep 60\n");
    config_.custom_router.budget = Millis{300};
    const auto chat = simple();
    const http::Headers headers;
    CustomRouter router(loop_, config_, shard_);
    int answered = 0;
    const int all = CustomRouter::max_waiting + 3;
    for (int i = 0; i < all; ++i)
        net::spawn(loop_, "ask", ask_one(router, *chat, headers, answered));
    testing::detail::turn_until(loop_, [&] { return answered >= 3; });
    EXPECT_EQ(counted(HookResult::failed), 3U) << "those that found no room, at once";
    testing::detail::turn_until(loop_, [&] { return answered == all; });
    EXPECT_EQ(counted(HookResult::failed), static_cast<std::uint64_t>(all));
}

}  // namespace
}  // namespace ccr::proxy
