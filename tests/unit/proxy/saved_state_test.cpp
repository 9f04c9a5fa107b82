// SPDX-License-Identifier: MIT
#include "daemon/saved_state.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/store/state_file.hpp"

namespace ccr {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "ccr-state-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

  private:
    std::string path_;
};

TEST(StateFile, IsReplacedWholeAndPrivate) {
    const Folder folder;
    const auto file = folder.file("sub/state.json");
    ASSERT_TRUE(store::replace_file(file, "first"));
    ASSERT_TRUE(store::replace_file(file, "second"));
    const auto content = store::read_file(file);
    ASSERT_TRUE(content);
    EXPECT_EQ(**content, "second");
    struct stat about {};
    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(folder.entries(), 1U);
}

TEST(StateFile, ThatIsNotThereIsNoError) {
    const Folder folder;
    const auto content = store::read_file(folder.file("none"));
    ASSERT_TRUE(content);
    EXPECT_FALSE(content->has_value());
}

TEST(StateFile, ThatCannotBeWrittenIsAnErrorAndLeavesNothingBehind) {
    const Folder folder;
    ASSERT_TRUE(store::replace_file(folder.file("plain"), "x"));
    EXPECT_FALSE(store::replace_file(folder.file("plain/below"), "x"));
    EXPECT_EQ(folder.entries(), 1U);
}

struct Process {
    Process() { shared.book = &book; }
    stats::Book book{1};
    proxy::Shared shared;
};

proxy::TargetReport troubled() {
    proxy::TargetReport report;
    report.provider = "p";
    report.model = "m";
    report.breaker = route::Breaker::State::open;
    report.breaker_left = 60s;
    report.breaker_period = 120s;
    report.first_content = {250.0, 7, 1s, true};
    report.total = {4'000.0, 8, 1s, true};
    report.keys.push_back({0xFEDCBA9876543210ULL, route::Closure::limited, 90s, 3});
    return report;
}

TEST(SavedState, WaitsGoOnWithWhatIsLeftOfThem) {
    const SteadyTime then{100h};
    Process before;
    before.shared.health.restore({troubled()}, then);
    const std::string text = saved_state::format(before.shared, 5'000'000, then);

    Process after;
    const SteadyTime now{1h};  // another boot
    ASSERT_TRUE(saved_state::parse(text, after.shared, 5'000'000 + 20'000, now));
    const auto reports = after.shared.health.report(now);
    ASSERT_EQ(reports.size(), 1U);
    const auto& report = reports.front();
    EXPECT_EQ(report.breaker, route::Breaker::State::open);
    EXPECT_EQ(report.breaker_left, 40s);
    EXPECT_EQ(report.breaker_period, 120s);
    EXPECT_EQ(report.first_content.value, 250.0);
    EXPECT_EQ(report.first_content.samples, 7U);
    EXPECT_EQ(report.first_content.age, 21s);
    EXPECT_EQ(report.total.value, 4'000.0);
    EXPECT_EQ(report.total.samples, 8U);
    ASSERT_EQ(report.keys.size(), 1U);
    EXPECT_EQ(report.keys[0].fingerprint, 0xFEDCBA9876543210ULL);
    EXPECT_EQ(report.keys[0].closure, route::Closure::limited);
    EXPECT_EQ(report.keys[0].left, 70s);
    EXPECT_EQ(report.keys[0].streak, 3U);
}

TEST(SavedState, AClockSetBackMakesNoWaitLonger) {
    Process before;
    before.shared.health.restore({troubled()}, SteadyTime{1h});
    const auto text = saved_state::format(before.shared, 5'000'000, SteadyTime{1h});
    Process after;
    ASSERT_TRUE(saved_state::parse(text, after.shared, 1'000, SteadyTime{1h}));
    EXPECT_EQ(after.shared.health.report(SteadyTime{1h}).front().breaker_left, 60s);
}

TEST(SavedState, WhatIsDamagedIsRefusedWhole) {
    Process before;
    before.shared.health.restore({troubled()}, SteadyTime{1h});
    const auto text = saved_state::format(before.shared, 5'000'000, SteadyTime{1h});
    for (std::size_t size = 0; size + 2 < text.size(); size += 7) {
        Process after;
        EXPECT_FALSE(
            saved_state::parse(text.substr(0, size), after.shared, 5'000'000, SteadyTime{1h}))
            << size;
        EXPECT_TRUE(after.shared.health.report(SteadyTime{1h}).empty());
    }
    for (const std::string other :
         {"{}", "[]", R"({"version":2,"targets":[]})", R"({"version":1,"targets":{}})"}) {
        Process after;
        EXPECT_FALSE(saved_state::parse(other, after.shared, 0, SteadyTime{1h})) << other;
    }
}

TEST(SavedState, OddNumbersAreBounded) {
    Process after;
    const std::string text =
        R"({"version":1,"saved_at_ms":-9223372036854775807,"targets":[)"
        R"({"provider":"p","model":"m","breaker":"ajar","breaker_left_ms":9223372036854775807,)"
        R"("first_content":{"value":-1,"samples":-5,"age_ms":1e99},)"
        R"("keys":[{"key":"zz","closure":"?","left_ms":"x","streak":99999999999}]}]})";
    ASSERT_TRUE(saved_state::parse(text, after.shared, 9'000'000'000'000, SteadyTime{9000h}));
    EXPECT_EQ(after.shared.health.report(SteadyTime{9000h}).front().breaker,
              route::Breaker::State::closed);
}

TEST(SavedState, ADamagedFileIsSetAside) {
    const Folder folder;
    const auto file = folder.file("state.json");
    std::ofstream(file) << "{\"version\":1,";
    Process process;
    saved_state::restore(file, process.shared);
    EXPECT_FALSE(fs::exists(file));
    EXPECT_EQ(folder.entries(), 1U);
    saved_state::save(file, process.shared);
    EXPECT_TRUE(fs::exists(file));
    Process again;
    saved_state::restore(file, again.shared);
    EXPECT_TRUE(fs::exists(file));
}

}  // namespace
}  // namespace ccr
