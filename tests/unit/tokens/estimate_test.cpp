// SPDX-License-Identifier: MIT
#include "daemon/tokens/estimate.hpp"

#include <gtest/gtest.h>

#include "common/json.hpp"
#include "daemon/tokens/bpe.hpp"
#include "daemon/tokens/features.hpp"
#include "tests/unit/tokens/token_data.hpp"

namespace ccr::tokens {
namespace {

using testing::RankData;
using testing::token_text;

std::uint64_t of(const Features& counts, Feature feature) {
    return counts[static_cast<std::size_t>(feature)];
}

Features features(std::string_view text) {
    Features counts{};
    count_features(text, counts);
    return counts;
}

TEST(Features, CountWhatTheTextIsMadeOf) {
    const auto counts = features(
        "The parseJSON call, 12 of 3456 times\\n\\nnumber \\\"one\\\" \xC3\xA9t\xC3\xA9 "
        "\xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x98\x80 extraordinary");
    EXPECT_EQ(of(counts, Feature::word), 9U);  // the t between two accents is one
    EXPECT_EQ(of(counts, Feature::hump), 1U);
    EXPECT_EQ(of(counts, Feature::long_letter), 6U);  // parseJSON has one, extraordinary five
    EXPECT_EQ(of(counts, Feature::digit_run), 2U);
    EXPECT_EQ(of(counts, Feature::digit), 6U);
    EXPECT_EQ(of(counts, Feature::punctuation), 3U);
    EXPECT_EQ(of(counts, Feature::newline_run), 1U);
    EXPECT_EQ(of(counts, Feature::two_bytes), 2U);
    EXPECT_EQ(of(counts, Feature::cjk), 2U);
    EXPECT_EQ(of(counts, Feature::four_bytes), 1U);
}

// Runs go on where one block of 64 bytes ends and the next begins.
TEST(Features, DoNotDependOnWhereTheTextBegins) {
    const std::string text =
        "internationalization snake_case HTTPServer 123456 \\n\\n\\t{\\\"key\\\": 1}, ";
    const auto alone = features(text);
    for (std::size_t lead = 1; lead < 130; ++lead) {
        const auto moved = features(std::string(lead, ' ') + text);
        EXPECT_EQ(moved, alone) << lead;
    }
}

// Whatever the processor has for it.
TEST(Features, AreTheSameWithoutSpecialInstructions) {
    const auto portable = [](std::string_view text) {
        Features counts{};
        count_features_portably(text, counts);
        return counts;
    };
    std::string every;
    for (int c = 0; c < 256; ++c)
        every += static_cast<char>(c);
    std::string text = token_text("code_cpp.txt") + every + token_text("chinese.txt") + every;
    for (std::size_t begin = 0; begin < 200; ++begin) {
        const auto piece = std::string_view(text).substr(begin, 64 * 3 + begin);
        EXPECT_EQ(features(piece), portable(piece)) << begin;
    }
    EXPECT_EQ(features(text), portable(text));
    // A sequence without a pattern; the same one each time.
    std::uint32_t state = 1;
    for (char& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24U);
    }
    EXPECT_EQ(features(text), portable(text));
}

TEST(Features, AnyBytesAreFine) {
    std::string bytes;
    for (int c = 0; c < 256; ++c)
        bytes += static_cast<char>(c);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        (void)features(std::string_view(bytes).substr(0, size));
    (void)features("\\");
    (void)features("\\u");
    (void)features(std::string(63, ' ') + "\\");
    EXPECT_EQ(of(features(std::string(200, '\\')), Feature::punctuation), 100U);
}

class EstimateOf : public ::testing::TestWithParam<const char*> {};

TEST_P(EstimateOf, IsNearTheTokenizerBeforeAnythingIsLearned) {
    const RankData data("o200k_base");
    Encoder encoder(data.vocabulary());
    const std::string text = token_text(GetParam());
    const auto exact = static_cast<double>(encoder.count(text));
    EXPECT_NEAR(estimate_text(json::escape(text)).total(), exact, exact * 0.2);
}

INSTANTIATE_TEST_SUITE_P(Texts, EstimateOf,
                         ::testing::Values("code_cpp.txt", "code_js.txt", "code_py.txt",
                                           "prose_en.txt", "data_json.txt", "chinese.txt"));

TEST(Estimate, LongTextsAreSampledFairly) {
    const std::string piece = json::escape(token_text("code_cpp.txt"));
    std::string text;
    while (text.size() < 300'000)
        text += piece;
    const double copies = static_cast<double>(text.size()) / static_cast<double>(piece.size());
    const double whole = estimate_text(piece).total() * copies;
    EXPECT_NEAR(estimate_text(text).total(), whole, whole * 0.02);
}

TEST(Estimate, CountsSystemMessagesAndTools) {
    chat::Request request;
    const auto base = estimate(request).tokens();
    request.system.push_back({{"one two three four five six"}});
    const auto with_system = estimate(request).tokens();
    EXPECT_GE(with_system, base + 6);
    chat::Message message;
    message.content.emplace_back(chat::Text{{"one two three four"}, {}});
    request.messages.push_back(std::move(message));
    const auto with_message = estimate(request).tokens();
    EXPECT_GE(with_message, with_system + 8);
    chat::Tool tool;
    tool.name = "search";
    tool.description = {"Looks for words in files"};
    request.tools.push_back(std::move(tool));
    EXPECT_GE(estimate(request).tokens(), with_message + 12);
}

TEST(Estimate, ImagesAreNotCountedAsText) {
    chat::Request request;
    const std::string megabyte(1U << 20U, 'A');
    chat::Message message;
    message.content.emplace_back(
        chat::Image{{chat::Media::Kind::base64, {"image/png"}, {megabyte}}});
    request.messages.push_back(std::move(message));
    EXPECT_LT(estimate(request).tokens(), 3000);
}

}  // namespace
}  // namespace ccr::tokens
