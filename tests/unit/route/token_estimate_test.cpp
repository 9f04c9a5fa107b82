// SPDX-License-Identifier: MIT
#include "daemon/route/token_estimate.hpp"

#include <gtest/gtest.h>

namespace ccr::route {
namespace {

struct Sample {
    const char* name;
    const char* text;  // JSON-escaped
    double tokens;     // o200k_base
};

class EstimateTable : public testing::TestWithParam<Sample> {};

TEST_P(EstimateTable, IsWithinAFifthOfTheTokenizer) {
    EXPECT_NEAR(estimate_text(GetParam().text), GetParam().tokens, GetParam().tokens * 0.2 + 2);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, EstimateTable,
    testing::Values(
        Sample{"prose",
               "The quick brown fox jumps over the lazy dog. It was a bright cold day "
               "in April, and the clocks were striking thirteen.",
               25},
        Sample{"code",
               "int main(int argc, char** argv) {\\n    std::vector<int> values;\\n    "
               "for (int i = 0; i < 10; ++i) values.push_back(i);\\n    return 0;\\n}",
               46},
        Sample{"chinese",
               "\xE4\xBB\x8A\xE5\xA4\xA9\xE5\xA4\xA9\xE6\xB0\x94\xE5\xBE\x88\xE5\xA5\xBD", 5},
        Sample{"empty", "", 0}),
    [](const auto& info) { return info.param.name; });

TEST(TokenEstimate, CountsSystemMessagesAndTools) {
    chat::Request request;
    const auto base = estimate_tokens(request);
    request.system.push_back({{"one two three four five six"}});
    const auto with_system = estimate_tokens(request);
    EXPECT_GE(with_system, base + 6);
    chat::Message message;
    message.content.emplace_back(chat::Text{{"one two three four"}, {}});
    request.messages.push_back(std::move(message));
    EXPECT_GE(estimate_tokens(request), with_system + 8);
}

TEST(TokenEstimate, ImagesAreNotCountedAsText) {
    chat::Request request;
    const std::string megabyte(1U << 20U, 'A');
    chat::Message message;
    message.content.emplace_back(
        chat::Image{{chat::Media::Kind::base64, {"image/png"}, {megabyte}}});
    request.messages.push_back(std::move(message));
    EXPECT_LT(estimate_tokens(request), 3000);
}

TEST(TokenEstimate, AnyBytesAreFine) {
    std::string bytes;
    for (int c = 1; c < 256; ++c)
        bytes += static_cast<char>(c);
    EXPECT_GE(estimate_text(bytes), 0);
    EXPECT_GE(estimate_text("\\"), 0);
    EXPECT_GE(estimate_text("\\u"), 0);
}

}  // namespace
}  // namespace ccr::route
