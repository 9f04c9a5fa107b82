// SPDX-License-Identifier: MIT
#include "daemon/dialect/envelope.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace ccr::dialect
