// SPDX-License-Identifier: MIT
#include "daemon/dialect/envelope.hpp"

#include <gtest/gtest.h>

#include "daemon/dialect/keepsakes.hpp"

namespace ccr::dialect {
namespace {

constexpr std::string_view key = "a key";

TEST(Envelope, GivesBackWhatWasSealed) {
    const std::string payload("x\0\xff.binary", 10);
    const auto opened = unseal(key, seal(key, "deepseek", payload));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->family, "deepseek");
    EXPECT_EQ(opened->payload, payload);
}

TEST(Envelope, WithoutPayloadIsShort) {
    EXPECT_LT(seal(key, "deepseek", "").size(), 35U);
}

TEST(Envelope, IsPlainAscii) {
    for (const char c : seal(key, "glm", "\n\"\\\xc3\xa4"))
        EXPECT_TRUE((std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '.' || c == '-' ||
                    c == '_');
}

TEST(Envelope, OpensWithItsOwnKeyOnly) {
    EXPECT_FALSE(unseal("another key", seal(key, "deepseek", "p")));
}

TEST(Envelope, EveryChangedByteIsNoticed) {
    const std::string sealed = seal(key, "kimi", "payload");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        // The last digit of base64 may carry unused bits; an equal meaning is no forgery.
        const auto opened = unseal(key, changed);
        if (opened) {
            EXPECT_EQ(opened->payload, "payload");
        }
        EXPECT_FALSE(unseal(key, sealed.substr(0, i)));
    }
}

TEST(Envelope, ForeignSignaturesAreNotOurs) {
    for (const std::string_view signature :
         {"", "ccr1.", "ccr1..", "ccr1.a.b", "ErUBCkYIBhgCIkDx", "ccr1.!!.!!"}) {
        EXPECT_FALSE(unseal(key, signature)) << signature;
    }
}

TEST(Keepsakes, KnowWhatCameWithACall) {
    Keepsakes kept;
    kept.keep("call_1", "f", "one");
    kept.keep("call_1", "g", "other");
    kept.keep("call_1", "f", "two");
    EXPECT_EQ(kept.find("call_1", "f"), "two");
    EXPECT_EQ(kept.find("call_1", "g"), "other");
    EXPECT_EQ(kept.find("call_2", "f"), "");
}

TEST(Keepsakes, ForgetWhatWasUsedLeastRecently) {
    Keepsakes few(2, 1000);
    few.keep("a", "f", "1");
    few.keep("b", "f", "2");
    EXPECT_EQ(few.find("a", "f"), "1");  // used again
    few.keep("c", "f", "3");
    EXPECT_EQ(few.find("b", "f"), "");
    EXPECT_EQ(few.find("a", "f") + few.find("c", "f"), "13");
    Keepsakes small(100, 20);
    small.keep("a", "f", std::string(10, 'x'));
    small.keep("b", "f", std::string(10, 'y'));
    EXPECT_EQ(small.find("a", "f"), "");
    EXPECT_EQ(small.find("b", "f"), std::string(10, 'y'));
    small.keep("c", "f", std::string(21, 'z'));
    EXPECT_EQ(small.find("c", "f"), "");
    EXPECT_EQ(small.find("b", "f"), std::string(10, 'y'));
}

TEST(Keepsakes, GoInFrontOfCallsThatHaveLostTheirs) {
    Keepsakes kept;
    for (const char* id : {"c1", "c2", "c3", "c4"})
        kept.keep(id, "f", std::string("seal of ") + id);
    chat::Request request;
    request.messages.resize(2);
    request.messages[1].role = chat::Role::assistant;
    chat::Blocks& said = request.messages[1].content;
    said.emplace_back(chat::Text{{"text"}});
    said.emplace_back(chat::ToolUse{"c1", "f", "{}"});
    said.emplace_back(chat::Thinking{{"own"}, "its own"});
    said.emplace_back(chat::ToolUse{"c2", "f", "{}"});
    said.emplace_back(chat::ToolUse{"c3", "f", "{}"});
    said.emplace_back(chat::ToolUse{"c4", "another", "{}"});
    request.messages[0].content.emplace_back(chat::ToolUse{"c4", "f", "{}"});  // by the user
    for (int twice = 0; twice < 2; ++twice) {
        restore_reasoning(request, kept);
        ASSERT_EQ(said.size(), 8U);
        EXPECT_EQ(std::get<chat::Thinking>(said[1]).signature, "seal of c1");
        EXPECT_EQ(std::get<chat::Thinking>(said[3]).signature, "its own");
        EXPECT_EQ(std::get<chat::Thinking>(said[5]).signature, "seal of c3");
        EXPECT_EQ(std::get<chat::ToolUse>(said[7]).name, "another");
        EXPECT_EQ(request.messages[0].content.size(), 1U);
    }
}

}  // namespace
}  // namespace ccr::dialect
