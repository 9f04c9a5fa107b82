// SPDX-License-Identifier: MIT
// What is asked of Google's token service and what is read in its answers. That one token serves
// many requests and is renewed in time: tests/client/gemini.test.mjs.
#include "daemon/proxy/google_tokens.hpp"

#include <gtest/gtest.h>

namespace ccr::proxy {
namespace {

using namespace std::chrono_literals;

TEST(GoogleTokens, AUserIsAskedForWithTheRefreshToken) {
    config::GoogleAccount account;
    account.kind = config::GoogleAccount::Kind::authorized_user;
    account.client = "id";
    account.client_secret = Secret("s/1");
    account.refresh_token = Secret("1//r&t");
    const auto form = google_token_form(account, {});
    ASSERT_TRUE(form);
    EXPECT_EQ(
        *form,
        "grant_type=refresh_token&client_id=id&client_secret=s%2F1&refresh_token=1%2F%2Fr%26t");
}

TEST(GoogleTokens, AKeyThatCannotSignIsAnError) {
    config::GoogleAccount account;
    account.kind = config::GoogleAccount::Kind::service_account;
    account.private_key = Secret("none");
    const auto form = google_token_form(account, {});
    ASSERT_FALSE(form);
    EXPECT_EQ(form.error().kind, ErrorKind::config);
}

TEST(GoogleTokens, ReadsAnswers) {
    const auto token = read_google_token(200, R"({"access_token":"ya29.x","expires_in":3599})");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->value, "ya29.x");
    EXPECT_EQ(token->lasts, 3599s);

    struct Case {
        int status;
        const char* body;
        ErrorKind kind;
        const char* part;
    };
    for (const Case& c : {Case{400, R"({"error":"invalid_grant","error_description":"SECRET"})",
                               ErrorKind::auth, "invalid_grant"},
                          Case{401, "", ErrorKind::auth, "401"},
                          Case{503, "<html>", ErrorKind::server_error, "503"},
                          Case{429, "{}", ErrorKind::server_error, "429"},
                          Case{200, "{}", ErrorKind::malformed, "without a token"},
                          // What no header can carry.
                          Case{200, R"({"access_token":"a\r\nx: y","expires_in":1})",
                               ErrorKind::malformed, "without a token"}}) {
        const auto answer = read_google_token(c.status, c.body);
        ASSERT_FALSE(answer) << c.body;
        EXPECT_EQ(answer.error().kind, c.kind) << c.body;
        EXPECT_NE(answer.error().detail.find(c.part), std::string::npos) << answer.error().detail;
        EXPECT_EQ(answer.error().detail.find("SECRET"), std::string::npos);
    }
}

}  // namespace
}  // namespace ccr::proxy
