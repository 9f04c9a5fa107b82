// SPDX-License-Identifier: MIT
#include "daemon/tokens/learned.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/json.hpp"
#include "daemon/tokens/bpe.hpp"
#include "tests/unit/tokens/token_data.hpp"

namespace ccr::tokens {
namespace {

using testing::RankData;
using testing::token_text;

struct Sample {
    std::string kind;
    Estimate estimate;
    double tokens = 0;
    bool held_back = false;  // not learned from
};

// The corpus in some thirty pieces each; every other one is held back.
std::vector<Sample> corpus(const char* encoding) {
    const RankData data(encoding);
    Encoder encoder(data.vocabulary());
    std::vector<Sample> samples;
    for (const char* kind : {"code_cpp.txt", "code_js.txt", "code_py.txt", "prose_en.txt",
                             "data_json.txt", "chinese.txt"}) {
        const std::string text = token_text(kind);
        const std::size_t piece = std::max<std::size_t>(text.size() / 30, 240);
        for (std::size_t at = 0; at + piece <= text.size(); at += piece) {
            const std::string part = text.substr(at, piece);
            samples.push_back({kind, estimate_text(json::escape(part)),
                               static_cast<double>(encoder.count(part)), samples.size() % 2 == 1});
        }
    }
    return samples;
}

// Sums over the parts that were held back: estimated and counted.
struct Sums {
    double estimated = 0;
    double counted = 0;
    [[nodiscard]] double error() const { return std::fabs(estimated / counted - 1); }
};

class LearnedFrom : public ::testing::TestWithParam<const char*> {};

TEST_P(LearnedFrom, IsWithinATenthOnWhatItHasNotSeen) {
    const auto samples = corpus(GetParam());
    Learned learned;
    for (int round = 0; round < 20; ++round) {
        for (const auto& sample : samples) {
            if (sample.held_back) continue;
            learned.learn("p,m", sample.estimate, std::lround(sample.tokens));
        }
    }
    std::map<std::string, Sums> kinds;
    for (const auto& sample : samples) {
        if (!sample.held_back) continue;
        for (auto* sums : {&kinds[sample.kind], &kinds["all"]}) {
            sums->estimated += static_cast<double>(learned.tokens("p,m", sample.estimate));
            sums->counted += sample.tokens;
        }
    }
    for (const auto& [kind, sums] : kinds)
        EXPECT_LT(sums.error(), 0.1) << kind;
}

INSTANTIATE_TEST_SUITE_P(Encodings, LearnedFrom, ::testing::Values("o200k_base", "cl100k_base"));

Estimate words(double tokens) {
    Estimate estimate;
    estimate.parts[static_cast<std::size_t>(Part::words)] = tokens;
    return estimate;
}

TEST(Learned, FollowsAProviderThatCountsOtherwise) {
    Learned learned;
    EXPECT_EQ(learned.tokens("m", words(1000)), 1000);
    for (int i = 0; i < 10; ++i)
        learned.learn("m", words(1000), 1400);
    EXPECT_NEAR(static_cast<double>(learned.tokens("m", words(2000))), 2800, 60);
    EXPECT_EQ(learned.tokens("other", words(1000)), 1000);
    for (int i = 0; i < 300; ++i)
        learned.learn("m", words(1000), 900);
    EXPECT_NEAR(static_cast<double>(learned.tokens("m", words(2000))), 1800, 60);
}

TEST(Learned, LeavesOutCountsOfSomethingElse) {
    Learned learned;
    learned.learn("m", words(10000), 40);    // too small
    learned.learn("m", words(10000), 1000);  // what was not cached
    learned.learn("m", words(1000), 90000);  // something else altogether
    learned.learn("m", Estimate{}, 5000);    // nothing was estimated
    learned.learn("m", words(10000), -5);
    EXPECT_EQ(learned.models(), 0U);
    EXPECT_EQ(learned.tokens("m", words(1000)), 1000);
}

TEST(Learned, FactorsStayInBounds) {
    Learned learned;
    Estimate mixed = words(500);
    mixed.parts[static_cast<std::size_t>(Part::cjk)] = 500;
    for (int i = 0; i < 5000; ++i)
        learned.learn("m", i % 2 == 0 ? words(1000) : mixed, i % 2 == 0 ? 2900 : 340);
    const auto tokens = learned.tokens("m", mixed);
    EXPECT_GE(tokens, 250);
    EXPECT_LE(tokens, 4000);
}

TEST(Learned, ForgetsTheModelNotUsedForLongest) {
    Learned learned;
    for (std::size_t i = 0; i < Learned::max_models; ++i)
        learned.learn("m" + std::to_string(i), words(1000), 2000);
    EXPECT_GT(learned.tokens("m0", words(1000)), 1500);
    learned.learn("new", words(1000), 2000);
    EXPECT_EQ(learned.models(), Learned::max_models);
    EXPECT_GT(learned.tokens("m0", words(1000)), 1500);
    EXPECT_EQ(learned.tokens("m1", words(1000)), 1000);
}

}  // namespace
}  // namespace ccr::tokens
