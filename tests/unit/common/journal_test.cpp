// SPDX-License-Identifier: MIT
#include "common/journal.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ccr::log {
namespace {

using namespace std::string_literals;

TEST(Journal, WritesAFieldPerLineAndLongOnesByTheirLength) {
    const std::array<Field, 2> fields{{{"TIER", "tier-1"}, {"NOTE", "a\nb"}}};
    EXPECT_EQ(journal_entry(6, "served", fields),
              "MESSAGE=served\nPRIORITY=6\nSYSLOG_IDENTIFIER=ccrd\nTIER=tier-1\n"
              "NOTE\n\x03\0\0\0\0\0\0\0a\nb\n"s);
}

TEST(Journal, IsNotThereWhereThereIsNone) {
    const Journal none("/nonexistent/journal/socket");
    EXPECT_FALSE(none.connected());
}

}  // namespace
}  // namespace ccr::log
