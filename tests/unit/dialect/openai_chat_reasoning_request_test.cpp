// SPDX-License-Identifier: MIT
// Earlier reasoning on its way back to its provider.
#include <gtest/gtest.h>

#include "tests/testing/conversation.hpp"

namespace ccr::dialect {
namespace {

using testing::assistant;
using testing::client_body;
using testing::list;
using testing::RequestRun;
using testing::result;
using testing::sealed;
using testing::sent;
using testing::thinking;
using testing::use;
using testing::user;

TEST(Conformance, Case40_ReasoningGoesBackToWhereItCameFrom) {
    const auto turn = [](const std::string& block) {
        return list({user("\"a\""),
                     assistant(list({block, R"({"type":"text","text":"t"})", use("x")})),
                     user(list({result("x", "\"X\"")}))});
    };
    const auto back = [&](std::string_view profile, std::string_view family,
                          std::string_view payload = {}) {
        return sent(turn(thinking(R"(why\n\"ü)", sealed(family, payload))), profile);
    };
    EXPECT_NE(back("deepseek", "deepseek").find(R"("reasoning_content":"why\n\"ü")"),
              std::string::npos)
        << back("deepseek", "deepseek");
    EXPECT_NE(back("kimi", "kimi").find(R"("reasoning_content":"why\n\"ü")"), std::string::npos);
    EXPECT_NE(back("glm", "glm").find(R"("reasoning_content":"why\n\"ü")"), std::string::npos);
    EXPECT_NE(back("groq", "groq").find(R"("reasoning":"why\n\"ü")"), std::string::npos);
    EXPECT_NE(back("openrouter", "openrouter", R"([{"type":"reasoning.text","text":"why"}])")
                  .find(R"("reasoning_details":[{"type":"reasoning.text","text":"why"}])"),
              std::string::npos);
    EXPECT_NE(back("mistral", "mistral")
                  .find(R"([{"type":"thinking","thinking":[{"type":"text","text":"why\n\"ü"}]},)"
                        R"({"type":"text","text":"t"}])"),
              std::string::npos);
    // Hidden from the client, so it travelled in the signature.
    EXPECT_NE(sent(turn(thinking("", sealed("deepseek", "twhy\n\"ü"))), "deepseek")
                  .find(R"("reasoning_content":"why\n\"ü")"),
              std::string::npos);
    // Unknown: empty where the provider insists on the field, else absent.
    EXPECT_NE(sent(turn(use("y")), "deepseek").find(R"("reasoning_content":"")"),
              std::string::npos);
    EXPECT_EQ(sent(turn(use("y")), "glm").find("reasoning"), std::string::npos);
}

TEST(ChatMessages, ThinkTagsGoBackInFrontOfTheContent) {
    Profile profile = *profile_named("openai-compatible");
    profile.reasoning_field = ReasoningField::think_tags;
    profile.reasoning_return = ReasoningReturn::always;
    RequestRun run(client_body(list(
        {user("\"a\""),
         assistant(list({thinking("why", sealed("generic")), R"({"type":"text","text":"t"})"})),
         user("\"b\"")})));
    const auto encoded = run.encode_with(profile);
    ASSERT_TRUE(encoded);
    EXPECT_NE(encoded->body.find(R"("content":"<think>why</think>\n\nt")"), std::string::npos);
}

TEST(Conformance, Case41_ForeignReasoningIsNotSent) {
    for (const std::string& signature : {std::string(), std::string("ErUBCkYIBhgC"), sealed("kimi"),
                                         seal("other key", "glm", "")}) {
        const std::string messages =
            list({user("\"a\""), assistant(list({thinking("secret thought", signature), use("x")})),
                  user(list({result("x", "\"X\"")}))});
        const std::string body = sent(messages, "glm");
        EXPECT_EQ(body.find("secret thought"), std::string::npos) << signature;
        EXPECT_EQ(body.find("reasoning"), std::string::npos) << signature;
    }
}

TEST(Conformance, Case42_ThoughtSignaturesReturnOnTheirCalls) {
    const std::string messages =
        list({user("\"a\""),
              assistant(list({thinking("", sealed("gemini", "xSIG1")), use("x"), use("y")})),
              user(list({result("x", "\"X\""), result("y", "\"Y\"")}))});
    const std::string body = sent(messages, "gemini-openai", "gemini-3-pro");
    EXPECT_NE(body.find(R"("extra_content":{"google":{"thought_signature":"SIG1"}}})"),
              std::string::npos)
        << body;
    EXPECT_EQ(body.find("skip_thought"), std::string::npos);
    const std::string lost =
        sent(list({user("\"a\""), assistant(list({use("x")})), user(list({result("x", "\"X\"")}))}),
             "gemini-openai", "gemini-3-pro");
    EXPECT_NE(lost.find(R"("thought_signature":"skip_thought_signature_validator")"),
              std::string::npos);
}

TEST(Conformance, Case43_ReasoningDetailsGoBackVerbatim) {
    const std::string details =
        R"([{"type":"reasoning.encrypted","data":"A==","format":"openai-responses-v1","index":0}])";
    const std::string body =
        sent(list({user("\"a\""),
                   assistant(list({thinking("", sealed("openrouter", details)), use("x")})),
                   user(list({result("x", "\"X\"")}))}),
             "openrouter");
    EXPECT_NE(body.find("\"reasoning_details\":" + details), std::string::npos) << body;
}

}  // namespace
}  // namespace ccr::dialect
