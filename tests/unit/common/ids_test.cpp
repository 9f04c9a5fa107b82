// SPDX-License-Identifier: MIT
#include "common/ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ccr {
namespace {

TEST(Ids, HaveAPrefixAnd24Base58Characters) {
    IdSource ids;
    const auto id = ids.request_id();
    EXPECT_EQ(id.size(), 28U);
    EXPECT_TRUE(id.starts_with("req_"));
    EXPECT_EQ(id.find_first_of("0OIl+/=", 4), std::string::npos);
    EXPECT_TRUE(ids.message_id().starts_with("msg_"));
}

TEST(Ids, NeverRepeat) {
    IdSource ids(1, 2), others(3, 2);
    std::set<std::string> seen;
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_TRUE(seen.insert(ids.request_id()).second);
        EXPECT_TRUE(seen.insert(others.request_id()).second);
    }
}

}  // namespace
}  // namespace ccr
