// SPDX-License-Identifier: MIT
// The encoder against known ranks, and against itself: whatever the text, its tokens spell it.
#include "daemon/tokens/bpe.hpp"

#include <gtest/gtest.h>

#include <random>

#include "daemon/tokens/pretokenize.hpp"
#include "tests/unit/tokens/token_data.hpp"

namespace ccr::tokens {
namespace {

using testing::RankData;
using Ranks = std::vector<Rank>;

Ranks encode(const RankData& data, std::string_view text) {
    Encoder encoder(data.vocabulary());
    Ranks ranks;
    encoder.encode(text, ranks);
    return ranks;
}

struct Known {
    const char* text;
    Ranks o200k;
    Ranks cl100k;
};

// From tiktoken.
const std::vector<Known> known = {
    {"", {}, {}},
    {"hello world", {24912, 2375}, {15339, 1917}},
    {"Hello, World!", {13225, 11, 5922, 0}, {9906, 11, 4435, 0}},
    {"It's we'll THEY'RE", {15834, 22782, 95381, 6, 1099}, {2181, 596, 584, 3358, 63593, 95253}},
    {"12345678", {7633, 19354, 4388}, {4513, 10961, 2495}},
    {"  two  spaces\n\n  x",
     {220, 1920, 220, 18608, 279, 220, 1215},
     {220, 1403, 220, 12908, 271, 220, 865}},
    {"HTTPServer2Go", {17893, 6444, 17, 11976}, {9412, 5592, 17, 11087}},
    {"\xE4\xBB\x8A\xE5\xA4\xA9\xE5\xA4\xA9\xE6\xB0\x94\xE5\xBE\x88\xE5\xA5\xBD",
     {10941, 1487, 25896, 148483},
     {37271, 36827, 36827, 30320, 242, 17599, 230, 53901}},
    {"<|endoftext|>", {27, 91, 419, 1440, 919, 91, 29}, {27, 91, 8862, 728, 428, 91, 29}},
    {"a\n  ", {64, 198, 256}, {64, 198, 256}},
    {"\xF0\x9F\x98\x80\xF0\x9F\x9A\x80", {84083, 112927, 222}, {76460, 222, 9468, 248, 222}},
    {"na\xC3\xAFve caf\xC3\xA9", {1503, 9954, 737, 30469}, {3458, 38672, 588, 53050}},
    {"x = {\"k\": [1, 22]}\r\n",
     {87, 314, 10494, 74, 1243, 723, 16, 11, 220, 1709, 60, 3016},
     {87, 284, 5324, 74, 794, 510, 16, 11, 220, 1313, 60, 1809}},
    {"\xE0\xB9\x80\xE0\xB8\xA1\xE0\xB8\xB7\xE0\xB9\x88\xE0\xB8\xAD",
     {72469},
     {28991, 27379, 65784, 23780}},
    {"a'\xC5\xBF"
     "b",
     {64, 6, 70067, 65},
     {64, 6, 129, 123, 65}},
};

TEST(Bpe, GivesTheReferencesRanks) {
    const RankData o200k("o200k_base");
    const RankData cl100k("cl100k_base");
    for (const auto& row : known) {
        EXPECT_EQ(encode(o200k, row.text), row.o200k) << row.text;
        EXPECT_EQ(encode(cl100k, row.text), row.cl100k) << row.text;
    }
}

// Atoms that meet each other's rules: cases, marks, spaces, line ends, contractions, broken UTF-8.
const std::vector<std::string> atoms = {"a",
                                        "B",
                                        "\xC3\xA9",
                                        "\xC3\x89",
                                        "\xE4\xB8\xAD",
                                        "\xC7\x85",
                                        "\xCA\xB0",
                                        "\xCC\x81",
                                        "1",
                                        "\xC2\xB2",
                                        " ",
                                        "  ",
                                        "\t",
                                        "\n",
                                        "\r\n",
                                        "\xC2\xA0",
                                        "\xE3\x80\x80",
                                        "'",
                                        "'s",
                                        "'LL",
                                        "'\xC5\xBF",
                                        "//",
                                        "!",
                                        "\xF0\x9F\x98\x80",
                                        "<|endoftext|>",
                                        "\xFF",
                                        "\xE4\xB8",
                                        "\x80",
                                        "\xF8",
                                        std::string(1, '\0'),
                                        "the",
                                        "Token"};

std::string random_text(std::mt19937& random, std::size_t pieces) {
    std::string text;
    for (std::size_t i = 0; i < pieces; ++i) {
        const auto& atom = atoms[random() % atoms.size()];
        const std::size_t times = random() % 16 == 0 ? random() % 200 : 1;
        for (std::size_t k = 0; k < times; ++k)
            text += atom;
    }
    return text;
}

TEST(Bpe, TokensSpellTheText) {
    std::mt19937 random(1);
    for (const char* name : {"o200k_base", "cl100k_base"}) {
        const RankData data(name);
        Encoder encoder(data.vocabulary());
        for (int round = 0; round < 300; ++round) {
            const std::string text = random_text(random, random() % 60);
            Ranks ranks;
            encoder.encode(text, ranks);
            ASSERT_EQ(encoder.decode(ranks), text);
            ASSERT_EQ(encoder.count(text), ranks.size());
        }
    }
}

TEST(Bpe, PiecesMakeUpTheText) {
    std::mt19937 random(2);
    for (const char* name : {"o200k_base", "cl100k_base"}) {
        const RankData data(name);
        for (int round = 0; round < 300; ++round) {
            const std::string text = random_text(random, random() % 60);
            std::string joined;
            Pretokenizer pieces(data.vocabulary(), text);
            for (auto piece = pieces.next(); !piece.empty(); piece = pieces.next())
                joined += piece;
            ASSERT_EQ(joined, text);
        }
    }
}

// What byte pair encoding is, told the slow way: join the lowest pair, the leftmost of equal ones.
std::size_t merged_slowly(const Vocabulary& vocabulary, std::string_view piece) {
    std::vector<std::string> parts;
    for (const char c : piece)
        parts.emplace_back(1, c);
    for (;;) {
        Rank lowest = no_rank;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            const Rank rank = vocabulary.find(parts[i] + parts[i + 1]);
            if (rank < lowest) {
                lowest = rank;
                at = i;
            }
        }
        if (lowest == no_rank) return parts.size();
        parts[at] += parts[at + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

TEST(Bpe, ShortAndLongPiecesAreMergedByTheSameRule) {
    const RankData data("o200k_base");
    Encoder encoder(data.vocabulary());
    std::mt19937 random(3);
    for (const std::size_t size : {2U, 40U, 95U, 96U, 97U, 98U, 150U, 700U}) {
        std::string piece;
        for (std::size_t i = 0; i < size; ++i)
            piece += static_cast<char>('a' + random() % 4);
        EXPECT_EQ(encoder.count(piece), merged_slowly(data.vocabulary(), piece)) << size;
        const std::string same(size, 'z');
        EXPECT_EQ(encoder.count(same), merged_slowly(data.vocabulary(), same)) << size;
    }
}

TEST(Bpe, AnUnbrokenMegabyteIsCountedInLinearTime) {
    const RankData data("o200k_base");
    Encoder encoder(data.vocabulary());
    const std::string text(std::size_t{1} << 20U, 'x');
    const std::size_t count = encoder.count(text);
    EXPECT_GT(count, text.size() / 128);
    EXPECT_LT(count, text.size() / 2);
}

TEST(Vocabulary, RefusesWhatIsNoVocabulary) {
    EXPECT_FALSE(Vocabulary::open(""));
    EXPECT_FALSE(Vocabulary::open(std::string(64, 'x')));
    const RankData whole("cl100k_base");
    std::string cut(whole.file().substr(0, whole.file().size() - 1));
    EXPECT_FALSE(Vocabulary::open(cut));
}

TEST(Vocabulary, SurvivesDamage) {
    const RankData whole("cl100k_base");
    std::mt19937 random(4);
    for (int round = 0; round < 6; ++round) {
        std::string bytes(whole.file());
        for (int i = 0; i < 20000; ++i)
            bytes[64 + random() % (bytes.size() - 64)] = static_cast<char>(random());
        auto opened = Vocabulary::open(bytes);
        if (!opened) continue;
        Encoder encoder(*opened);
        EXPECT_GT(encoder.count("some text, \xE4\xB8\xAD\xE6\x96\x87 and 12345"), 0U);
    }
}

}  // namespace
}  // namespace ccr::tokens
