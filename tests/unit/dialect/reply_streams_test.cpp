// SPDX-License-Identifier: MIT
// Recorded-like provider streams, one per shape: the events they mean, the stream that the client
// gets, and that neither depends on how the bytes were cut or which line ends they came with.
//
// A stream's first line may be a comment: ": profile NAME", or ": anthropic". What clients of
// OpenAI's formats get is written down for some of them, NAME.openai and NAME.openai-responses. Set
// CCR_UPDATE_GOLDEN=1 to write the expectations anew, and read the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "tests/testing/reply_run.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::testing {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(CCR_TEST_DATA) / "dialect" / "streams";

std::vector<std::string> stream_names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".sse") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

class RecordedStream : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { sse_ = read_file(folder / (GetParam() + ".sse")); }

    ReplyRun::Streamed run(std::string_view sse, std::size_t cut,
                           std::string_view door = "anthropic") {
        ReplyRun run;
        run.door = door;
        constexpr std::string_view mark = ": profile ";
        if (sse_.starts_with(mark)) {
            const std::string name = sse_.substr(mark.size(), sse_.find('\n') - mark.size());
            const auto profile = profile_of(name, {});
            EXPECT_TRUE(profile) << name;
            if (profile) run.profile = *profile;
        }
        run.anthropic_provider = sse_.starts_with(": anthropic");
        run.request.stop_sequences.push_back({"###"});
        return run.stream(sse, cut);
    }

    std::string sse_;
};

TEST_P(RecordedStream, MeansTheseEventsAndThisClientStream) {
    const auto got = run(sse_, 0);
    const fs::path events = folder / (GetParam() + ".events");
    const fs::path client = folder / (GetParam() + ".client");
    if (std::getenv("CCR_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(events, std::ios::binary) << got.events;
        std::ofstream(client, std::ios::binary) << got.client;
    }
    EXPECT_EQ(got.events, read_file(events));
    EXPECT_EQ(got.client, read_file(client));
    EXPECT_EQ(got.reply.problem, "");
    EXPECT_TRUE(got.done);
}

TEST_P(RecordedStream, IsTheSameHoweverItIsCut) {
    const auto whole = run(sse_, 0);
    for (std::size_t cut = 1; cut <= 67; ++cut) {
        const auto pieces = run(sse_, cut);
        ASSERT_EQ(pieces.events, whole.events) << "pieces of " << cut;
        ASSERT_EQ(pieces.client, whole.client) << "pieces of " << cut;
    }
}

TEST_P(RecordedStream, IsLegalAndTheSameAtEveryDoor) {
    std::mt19937 random(7);
    for (const std::string door : {"openai", "openai-responses"}) {
        const auto whole = run(sse_, 0, door);
        EXPECT_EQ(whole.reply.problem, "") << door << "\n" << whole.client;
        EXPECT_TRUE(whole.done);
        const fs::path golden = folder / (GetParam() + "." + door);
        if (fs::exists(golden)) {
            if (std::getenv("CCR_UPDATE_GOLDEN") != nullptr) {
                std::ofstream(golden, std::ios::binary) << whole.client;
            }
            EXPECT_EQ(whole.client, read_file(golden));
        }
        for (const std::size_t cut : {1U, 2U, 3U, 5U, 11U, 29U, 64U}) {
            ASSERT_EQ(run(sse_, cut, door).client, whole.client) << door << cut;
        }
        for (std::size_t size = 0; size < sse_.size(); size += 23) {
            const auto got = run(std::string_view(sse_).substr(0, size), 0, door);
            ASSERT_EQ(got.reply.problem, "") << door << " after " << size << " bytes\n"
                                             << got.client;
        }
        for (int i = 0; i < 20; ++i) {
            std::string damaged = sse_;
            for (int n = 0; n < 3; ++n)
                damaged[random() % damaged.size()] = static_cast<char>(random() & 0xFFU);
            const auto got = run(damaged, 1 + random() % 50, door);
            ASSERT_EQ(got.reply.problem, "") << door << "\n" << got.client;
        }
    }
}

TEST_P(RecordedStream, IsTheSameWithAnyLineEnds) {
    const auto whole = run(sse_, 0);
    for (const std::string_view end : {"\r\n", "\r"}) {
        const std::string other = replaced(sse_, "\n", end);
        for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{13}}) {
            const auto got = run(other, cut);
            EXPECT_EQ(got.events, whole.events) << cut;
            EXPECT_EQ(got.client, whole.client) << cut;
        }
    }
}

TEST_P(RecordedStream, IsTheSameBehindAByteOrderMark) {
    const auto whole = run(sse_, 0);
    EXPECT_EQ(run("\xEF\xBB\xBF" + sse_, 0).client, whole.client);
    EXPECT_EQ(run("\xEF\xBB\xBF" + sse_, 1).client, whole.client);
}

TEST_P(RecordedStream, StaysLegalWhereverItBreaksOff) {
    for (std::size_t size = 0; size < sse_.size(); size += 7) {
        const auto got = run(std::string_view(sse_).substr(0, size), 0);
        ASSERT_EQ(got.reply.problem, "") << "after " << size << " bytes";
    }
}

TEST_P(RecordedStream, SurvivesDamage) {
    std::mt19937 random(7);
    for (int i = 0; i < 60; ++i) {
        std::string damaged = sse_;
        for (int n = 0; n < 3 && !damaged.empty(); ++n)
            damaged[random() % damaged.size()] = static_cast<char>(random() & 0xFFU);
        const auto got = run(damaged, 1 + random() % 50);
        ASSERT_EQ(got.reply.problem, "");
        ASSERT_TRUE(got.done);
    }
}

INSTANTIATE_TEST_SUITE_P(Streams, RecordedStream, ::testing::ValuesIn(stream_names()),
                         [](const auto& param) { return replaced(param.param, "-", "_"); });

}  // namespace
}  // namespace ccr::testing
