// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "common/json.hpp"

namespace ccr::json {
namespace {

TEST(JsonDocument, RefusesControlCharactersWhereverTheyStand) {
    for (int c = 1; c < 0x20; ++c) {
        for (std::size_t at = 0; at < 70; ++at) {
            std::string text = "[\"" + std::string(70, 'a') + "\"]";
            text[2 + at] = static_cast<char>(c);
            EXPECT_FALSE(Document().parse(text)) << c << " at " << at;
        }
    }
}

}  // namespace
}  // namespace ccr::json
