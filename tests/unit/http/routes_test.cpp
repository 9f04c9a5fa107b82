// SPDX-License-Identifier: MIT
#include "daemon/http/routes.hpp"

#include <gtest/gtest.h>

#include "tests/testing/fake_stream.hpp"
#include "tests/testing/run.hpp"

namespace ccr::http {
namespace {

Handler named(std::string name) {
    return [name](Request& request, Reply& reply) -> asio::awaitable<void> {
        std::string text = name;
        for (const auto& [key, value] : request.params)
            text += " " + key + "=" + value;
        const Headers none;
        auto sent = co_await reply.send(200, none, text);
        EXPECT_TRUE(sent);
    };
}

class RoutesTest : public ::testing::Test {
  protected:
    std::string ask(std::string method, std::string target, Headers headers = {}) {
        Request request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.path_size = std::min(request.target.find('?'), request.target.size());
        request.headers = std::move(headers);
        if (!request.headers.has("host")) request.headers.add("host", "localhost");
        ccr::testing::FakeWire wire;
        ccr::testing::FakeStream stream(loop, wire);
        Reply reply(stream, loop, request, 1s, false);
        ccr::testing::run(loop, routes.dispatch(guard, request, reply));
        const auto body = wire.written.find("\r\n\r\n");
        last_head = wire.written.substr(0, body);
        return wire.written.substr(9, 3) + " " + wire.written.substr(body + 4);
    }

    net::Loop loop;
    GuardOptions guard;
    std::string last_head;
    Routes routes{{
        {"POST", "/v1/messages", named("messages")},
        {"GET", "/v1/models", named("models")},
        {"GET", "/v1/models/{id*}", named("model")},
        {"POST", "/preset/{name}/v1/messages", named("preset")},
        {"GET", "/health", named("health"), false},
        {"HEAD", "/", named("root")},
    }};
};

TEST_F(RoutesTest, MatchesByPathAloneAndTakesParameters) {
    EXPECT_EQ(ask("POST", "/v1/messages"), "200 messages");
    EXPECT_EQ(ask("POST", "/v1/messages?beta=true"), "200 messages");
    EXPECT_EQ(ask("POST", "/v1/messages/"), "200 messages");
    EXPECT_EQ(ask("POST", "/v1/v1/messages?x"), "200 messages");
    EXPECT_EQ(ask("GET", "/v1/models/openai/gpt%2D4"), "200 model id=openai/gpt-4");
    EXPECT_EQ(ask("POST", "/preset/a%20b/v1/messages"), "200 preset name=a b");
}

TEST_F(RoutesTest, AnswersUnknownPathsAndMethods) {
    EXPECT_EQ(ask("GET", "/nothing").substr(0, 3), "404");
    EXPECT_EQ(ask("POST", "/v1/messagesx").substr(0, 3), "404");
    EXPECT_EQ(ask("POST", "/V1/messages").substr(0, 3), "404");
    EXPECT_EQ(ask("GET", "/v1/models/%zz").substr(0, 3), "404");
    EXPECT_NE(ask("GET", "/v1/messages").find("invalid_request_error"), std::string::npos);
    EXPECT_NE(last_head.find("\r\nallow: POST"), std::string::npos);
    EXPECT_EQ(ask("DELETE", "/v1/models").substr(0, 3), "405");
    EXPECT_NE(last_head.find("\r\nallow: GET, HEAD\r\n"), std::string::npos);
}

TEST_F(RoutesTest, GetAlsoAnswersHead) {
    EXPECT_EQ(ask("HEAD", "/v1/models"), "200 ");
    EXPECT_EQ(ask("HEAD", "/"), "200 ");
}

TEST_F(RoutesTest, OptionsNamesTheMethodsAndNoCors) {
    EXPECT_EQ(ask("OPTIONS", "/v1/messages"), "204 ");
    EXPECT_NE(last_head.find("\r\nallow: POST"), std::string::npos);
    EXPECT_EQ(last_head.find("access-control"), std::string::npos);
}

TEST_F(RoutesTest, GuardsEveryRouteAndAsksForTheKeyWhereItIsNeeded) {
    guard.key = Secret("k");
    EXPECT_EQ(ask("POST", "/v1/messages").substr(0, 3), "401");
    EXPECT_NE(last_head.find("\r\nx-should-retry: false"), std::string::npos);
    EXPECT_EQ(ask("POST", "/v1/messages", {{"x-api-key", "k"}}), "200 messages");
    EXPECT_EQ(ask("GET", "/health"), "200 health");
    EXPECT_EQ(ask("GET", "/unknown").substr(0, 3), "401");
    EXPECT_EQ(ask("GET", "/health", {{"host", "evil.com"}}).substr(0, 3), "403");
    EXPECT_EQ(ask("GET", "/health", {{"origin", "https://evil.com"}}).substr(0, 3), "403");
}

}  // namespace
}  // namespace ccr::http
