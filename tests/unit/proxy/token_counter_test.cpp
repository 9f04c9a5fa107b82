// SPDX-License-Identifier: MIT
#include "daemon/proxy/token_counter.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/net/spawn.hpp"
#include "daemon/proxy/rank_file.hpp"
#include "daemon/tokens/estimate.hpp"
#include "tests/testing/run.hpp"

namespace ccr::proxy {
namespace {

using tokens::Encoding;

// A message of so many texts of so many bytes.
std::unique_ptr<chat::Request> request(std::size_t texts, std::size_t bytes) {
    std::string words;
    while (words.size() + 6 <= bytes)
        words += "words ";
    std::string body = R"({"model":"m","messages":[{"role":"user","content":[)";
    for (std::size_t i = 0; i < texts; ++i) {
        body += i == 0 ? "" : ",";
        body += R"({"type":"text","text":")" + words + R"("})";
    }
    auto out = std::make_unique<chat::Request>();
    EXPECT_TRUE(dialect::anthropic::decode_count_request(body + "]}]}", *out));
    return out;
}

std::vector<std::string> shipped() {
    return {std::string(CCR_SOURCE_DIR) + "/data/tokens"};
}

// A folder for vocabularies of one's own.
class Folder {
  public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "ccr-ranks-XXXXXX";
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::vector<std::string> folders() const { return {path_}; }
    [[nodiscard]] std::string file() const { return path_ + "/o200k_base.bin"; }

  private:
    std::string path_;
};

// The loop outlives the counter, whose thread posts to it.
struct Bed {
    explicit Bed(std::vector<std::string> folders) : counter(std::move(folders)) {}

    std::optional<TokenCounter::Exact> exact(const chat::Request& chat) {
        return testing::run(loop, counter.exact(loop, chat, Encoding::o200k_base));
    }
    std::int64_t guess(const chat::Request& chat) {
        return counter.learned().tokens("p,m", tokens::estimate(chat));
    }
    // The threshold is so many times what the request is estimated to have.
    TokenCounter::Compared compared(const chat::Request& chat, double share) {
        const auto estimate = tokens::estimate(chat);
        const auto threshold = static_cast<std::int64_t>(static_cast<double>(guess(chat)) * share);
        const TokenCounter::Question question{estimate, "p,m", Encoding::o200k_base, threshold};
        return testing::run(loop, counter.compare(loop, chat, question));
    }

    net::Loop loop;
    TokenCounter counter;
};

TEST(TokenCounter, CountsExactlyOnlyNearTheThreshold) {
    Bed bed(shipped());
    const auto chat = request(1, 6000);
    ASSERT_TRUE(bed.exact(*chat));
    EXPECT_EQ(bed.exact(*chat)->text, 1001);
    const auto near = bed.compared(*chat, 1.05);
    EXPECT_TRUE(near.sure);
    EXPECT_EQ(near.tokens, 1001);
    const auto far = bed.compared(*chat, 2);
    EXPECT_TRUE(far.sure);
    EXPECT_EQ(far.tokens, bed.guess(*chat));
}

void expect_estimates(const Folder& folder) {
    Bed bed(folder.folders());
    const auto chat = request(1, 6000);
    EXPECT_FALSE(bed.exact(*chat));
    const auto near = bed.compared(*chat, 1.05);
    EXPECT_FALSE(near.sure);
    EXPECT_GT(near.tokens, 500);
    EXPECT_TRUE(bed.compared(*chat, 2).sure);
}

TEST(TokenCounter, EstimatesWithoutAVocabulary) {
    expect_estimates(Folder());
}

TEST(TokenCounter, EstimatesWhereTheVocabularyIsDamaged) {
    const std::string whole = shipped()[0] + "/o200k_base.bin";
    const auto size = std::filesystem::file_size(whole);
    {
        const Folder folder;
        std::ofstream(folder.file()) << "these are no ranks";
        expect_estimates(folder);
    }
    for (const auto left : {size - 1, size / 2, std::uintmax_t{16}, std::uintmax_t{0}}) {
        const Folder folder;
        std::filesystem::copy_file(whole, folder.file());
        std::filesystem::resize_file(folder.file(), left);
        expect_estimates(folder);
    }
}

TEST(TokenCounter, TurnsAwayWhatIsTooLarge) {
    Bed bed(shipped());
    const auto chat = request(3, 3U << 20U);
    EXPECT_FALSE(bed.exact(*chat));
    EXPECT_FALSE(bed.compared(*chat, 1).sure);
}

struct Tally {
    int counted = 0;
    int refused = 0;
};

net::asio::awaitable<void> one_of_many(TokenCounter& counter, net::Loop& loop,
                                       const chat::Request& chat, net::CancelScope& scope,
                                       Tally& tally) {
    const auto count = co_await counter.exact(loop, chat, Encoding::o200k_base, &scope);
    ++(count ? tally.counted : tally.refused);
}

// The bound is in bytes too: the fifth of these does not fit, and is told so at once.
TEST(TokenCounter, TurnsAwayWhatDoesNotFitTheQueue) {
    Bed bed(shipped());
    const auto chat = request(2000, 4090);
    net::CancelScope scope;
    Tally tally;
    for (int i = 0; i < 4; ++i)
        net::spawn(bed.loop, "count", one_of_many(bed.counter, bed.loop, *chat, scope, tally));
    EXPECT_FALSE(bed.exact(*chat));
    EXPECT_EQ(tally.refused, 0);
    scope.cancel();
    testing::detail::turn_until(bed.loop, [&] { return tally.counted + tally.refused == 4; });
}

}  // namespace
}  // namespace ccr::proxy
