// SPDX-License-Identifier: MIT
#include "daemon/http/guard.hpp"

#include <gtest/gtest.h>

namespace ccr::http {
namespace {

TEST(Guard, LetsLoopbackHostsPassWithAnyPort) {
    for (const auto* host : {"localhost", "LOCALHOST:3456", "127.0.0.1", "127.9.9.9:80", "[::1]",
                             "[::1]:3456", "app.localhost:1", "localhost."}) {
        EXPECT_TRUE(host_allowed(host, {})) << host;
    }
}

TEST(Guard, RefusesEveryOtherHost) {
    for (const auto* host :
         {"evil.com", "evil.com:3456", "localhost.evil.com", "127.0.0.1.evil.com", "", "128.0.0.1",
          "[::2]", "localhost@evil.com", "localhost:0", "localhost:x", "[::1", "notlocalhost"}) {
        EXPECT_FALSE(host_allowed(host, {})) << host;
    }
}

TEST(Guard, LetsListedHostsPass) {
    EXPECT_TRUE(host_allowed("router.lan:3456", {"router.lan"}));
    EXPECT_TRUE(host_allowed("Router.LAN", {"router.lan"}));
    EXPECT_TRUE(host_allowed("router.lan:1", {"router.lan:1"}));
    EXPECT_FALSE(host_allowed("router.lan:2", {"router.lan:1"}));
    EXPECT_TRUE(host_allowed("[fd00::1]:80", {"fd00::1"}));
    EXPECT_TRUE(host_allowed("anything", {"*"}));
}

TEST(Guard, RefusesForeignAndNullOrigins) {
    EXPECT_TRUE(origin_allowed(std::nullopt, {}));
    EXPECT_TRUE(origin_allowed("http://localhost:8080", {}));
    EXPECT_FALSE(origin_allowed("https://evil.com", {}));
    EXPECT_FALSE(origin_allowed("null", {}));
    EXPECT_FALSE(origin_allowed("", {}));
}

TEST(Guard, TakesTheKeyEitherWay) {
    const Secret key("s3cret");
    EXPECT_TRUE(key_matches({{"X-Api-Key", "s3cret"}}, key));
    EXPECT_TRUE(key_matches({{"Authorization", "bearer s3cret"}}, key));
    EXPECT_TRUE(key_matches({{"x-api-key", "wrong"}, {"authorization", "Bearer s3cret"}}, key));
    EXPECT_FALSE(key_matches({{"authorization", "s3cret"}}, key));
    EXPECT_FALSE(key_matches({{"authorization", "Basic s3cret"}}, key));
    EXPECT_FALSE(key_matches({{"x-api-key", "s3cre"}}, key));
    EXPECT_FALSE(key_matches({{"x-api-key", ""}}, key));
    EXPECT_FALSE(key_matches({}, key));
}

Request request_with(Headers headers) {
    Request request;
    request.headers = std::move(headers);
    return request;
}

TEST(Guard, ObjectsToTheHostFirstAndSaysWhatToDo) {
    GuardOptions options;
    options.key = Secret("s3cret");
    const auto rebound = check_access(options, request_with({{"host", "evil.com"}}), true);
    ASSERT_TRUE(rebound);
    EXPECT_EQ(rebound->kind, ErrorKind::forbidden);
    EXPECT_NE(rebound->detail.find("evil.com"), std::string::npos);
    const auto keyless = check_access(options, request_with({{"host", "localhost"}}), true);
    ASSERT_TRUE(keyless);
    EXPECT_EQ(keyless->kind, ErrorKind::unauthorized);
    EXPECT_EQ(keyless->detail.find("s3cret"), std::string::npos);
    EXPECT_FALSE(check_access(options, request_with({{"host", "localhost"}}), false));
    EXPECT_FALSE(check_access(
        options, request_with({{"host", "localhost"}, {"x-api-key", "s3cret"}}), true));
}

}  // namespace
}  // namespace ccr::http
