// SPDX-License-Identifier: MIT
#include "common/digest.hpp"

#include <gtest/gtest.h>

namespace ccr {
namespace {

TEST(KeyedHash, TellsTextsApartAndDependsOnTheKey) {
    const std::string key(KeyedHash::key_size, 'k');
    KeyedHash hash(key);
    const auto of = [](KeyedHash& with, std::string_view text) {
        with.add(text);
        return with.finish();
    };
    const auto first = of(hash, "some text");
    EXPECT_NE(of(hash, "some texu"), first);
    EXPECT_NE(of(hash, ""), first);
    EXPECT_EQ(of(hash, "some text"), first) << "each value stands alone";
    hash.add("some ");
    hash.add("text");
    EXPECT_EQ(hash.finish(), first) << "however it is cut";
    KeyedHash same(key);
    EXPECT_EQ(of(same, "some text"), first);
    KeyedHash other(std::string(KeyedHash::key_size, 'o'));
    EXPECT_NE(of(other, "some text"), first);
}

}  // namespace
}  // namespace ccr
