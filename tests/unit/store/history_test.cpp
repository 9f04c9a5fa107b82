// SPDX-License-Identifier: MIT
#include "daemon/store/history.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "daemon/store/usage_db.hpp"

namespace ccr::store {
namespace {

namespace fs = std::filesystem;
using stats::GroupBy;
namespace field = stats::field;

constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t start = 1'795'521'600;  // 2026-11-24T12:00:00Z

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "ccr-history-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }
    [[nodiscard]] std::size_t damaged() const {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(path_)) {
            if (entry.path().string().find(".damaged-") != std::string::npos) ++count;
        }
        return count;
    }

  private:
    fs::path path_;
};

stats::UsageEntry entry(const std::string& model, std::uint64_t requests) {
    stats::UsageEntry out{{"p", model}, "default", "", {}};
    out.row[field::requests] = requests;
    out.row[field::cost] = requests * 1'000'000'000'000;
    return out;
}

std::uint64_t requests(const stats::UsageHistory& history) {
    std::uint64_t sum = 0;
    for (const auto& line : history.lines)
        sum += line.row[field::requests];
    return sum;
}

struct Db : ::testing::Test {
    UsageDb open(std::int64_t now = start) {
        auto opened = UsageDb::open(folder.file("usage.db"), now);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().chain());
        return std::move(*opened);
    }
    Folder folder;
};

TEST_F(Db, AddsUpWithinTheHourAndKeepsHoursApart) {
    auto db = open();
    ASSERT_TRUE(db.add({entry("a", 1), entry("b", 2)}, start));
    ASSERT_TRUE(db.add({entry("a", 4)}, start + 10));
    ASSERT_TRUE(db.add({entry("a", 8)}, start + 25 * hour));
    auto all = db.read({});
    ASSERT_TRUE(all);
    ASSERT_EQ(all->lines.size(), 2U);
    EXPECT_EQ(all->lines[0].target, (stats::TargetName{"p", "a"}));
    EXPECT_EQ(all->lines[0].row[field::requests], 13U);
    EXPECT_EQ(all->lines[0].row[field::cost], 13'000'000'000'000U);
    EXPECT_EQ(all->since, start);
    const auto late = db.read({start + 25 * hour + 1800, GroupBy::tier});
    ASSERT_TRUE(late);
    EXPECT_EQ(requests(*late), 8U);
    EXPECT_EQ(late->since, start + 25 * hour);
    const auto days = db.read({std::nullopt, GroupBy::day});
    ASSERT_TRUE(days);
    ASSERT_EQ(days->lines.size(), 2U);
    EXPECT_EQ(days->lines[0].group, "2026-11-24");
    EXPECT_EQ(days->lines[1].group, "2026-11-25");
    EXPECT_EQ(days->lines[0].row[field::requests], 7U);
}

TEST_F(Db, GroupsByRouteAndPresetWhateverTheirNames) {
    auto db = open();
    auto odd = entry("m'); DROP TABLE usage; --", 1);
    odd.route = "think";
    odd.preset = std::string("\"\0\xFF", 3);
    ASSERT_TRUE(db.add({entry("a", 2), odd}, start));
    const auto routes = db.read({std::nullopt, GroupBy::route});
    ASSERT_EQ(routes->lines.size(), 2U);
    EXPECT_EQ(routes->lines[1].group, "think");
    EXPECT_EQ(requests(*db.read({std::nullopt, GroupBy::preset})), 3U);
}

TEST_F(Db, ForgetsWhatIsOldAndSaysSo) {
    auto db = open();
    ASSERT_TRUE(db.add({entry("a", 1)}, start));
    ASSERT_TRUE(db.add({entry("a", 2)}, start + 10 * day));
    ASSERT_TRUE(db.drop_before(start + day));
    const auto left = db.read({});
    EXPECT_EQ(requests(*left), 2U);
    EXPECT_EQ(left->since, start + day);
    ASSERT_TRUE(db.drop_before(start));
    EXPECT_EQ(db.read({})->since, start + day);
}

TEST_F(Db, GoesOnWhereItWasAndIsPrivate) {
    { ASSERT_TRUE(open().add({entry("a", 1)}, start)); }
    auto db = open(start + 5 * day);
    EXPECT_EQ(requests(*db.read({})), 1U);
    EXPECT_EQ(db.read({})->since, start);
    EXPECT_EQ(fs::status(folder.file("usage.db")).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Db, AnotherProgramsFileIsRefused) {
    {
        auto other = Database::open(folder.file("usage.db"));
        ASSERT_TRUE(other);
        ASSERT_TRUE(other->run("CREATE TABLE songs (name TEXT); PRAGMA user_version = 1;"));
    }
    const auto opened = UsageDb::open(folder.file("usage.db"), start);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::malformed);
}

struct Recorder : ::testing::Test {
    HistoryOptions options(Millis interval = Millis{3'600'000}) {
        HistoryOptions out;
        out.file = folder.file("usage.db");
        out.interval = interval;
        out.now = [this] { return clock.load(); };
        return out;
    }
    void serve(std::size_t loop = 0) {
        stats::AttemptEnd end;
        end.where.slot = slot;
        end.usage.input_tokens = 10;
        book.shard(loop).attempt(end);
    }
    static Result<stats::UsageHistory> ask(History& history, stats::UsageQuestion question = {}) {
        auto promise = std::make_shared<std::promise<Result<stats::UsageHistory>>>();
        auto future = promise->get_future();
        const bool taken = history.ask(question, [promise](Result<stats::UsageHistory> answer) {
            promise->set_value(std::move(answer));
        });
        if (!taken) return Error(ErrorKind::unavailable, "full");
        return future.get();
    }

    Folder folder;
    stats::Book book{2};
    stats::Slot slot = book.slot({"p", "m"});
    std::atomic<std::int64_t> clock{start};
};

using HistoryTest = Recorder;

TEST_F(HistoryTest, AnAnswerHasAllThatWasCountedBeforeTheQuestion) {
    History history(book, options());
    for (std::uint64_t i = 1; i <= 20; ++i) {
        serve(i % 2);
        const auto answer = ask(history);
        ASSERT_TRUE(answer);
        EXPECT_EQ(requests(*answer), i);
    }
}

TEST_F(HistoryTest, WritesByItself) {
    History history(book, options(Millis{1}));
    ASSERT_EQ(requests(*ask(history)), 0U);
    serve();
    // Seen by another connection, as after a kill.
    std::uint64_t found = 0;
    for (int i = 0; i < 500 && found == 0; ++i) {
        auto db = UsageDb::open(folder.file("usage.db"), start);
        const auto seen = db ? db->read({}) : stats::UsageHistory();
        if (seen) found = requests(*seen);
        if (found == 0) std::this_thread::sleep_for(Millis{20});
    }
    EXPECT_EQ(found, 1U);
}

TEST_F(HistoryTest, TheEndWritesTheRestAndTheNextGoesOn) {
    {
        const History history(book, options());
        serve();
        serve();
    }
    stats::Book next(1);
    History history(next, options());
    EXPECT_EQ(requests(*ask(history)), 2U);
}

TEST_F(HistoryTest, ADamagedFileIsSetAsideAndNamed) {
    std::ofstream(folder.file("usage.db")) << std::string(5000, '?');
    History history(book, options());
    serve();
    EXPECT_EQ(requests(*ask(history)), 1U);
    const auto status = history.status();
    ASSERT_EQ(status.set_aside.size(), 1U);
    EXPECT_TRUE(fs::exists(status.set_aside[0]));
    EXPECT_EQ(status.trouble, "");
    EXPECT_EQ(folder.damaged(), 1U);
}

// Daemons that start together, before there is a file.
TEST_F(HistoryTest, ManyMakeOneFileAtOnceAndAddUp) {
    constexpr std::size_t together = 8;
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round) {
        HistoryOptions one_file = options();
        one_file.file = folder.file("usage-" + std::to_string(round) + ".db");
        std::barrier ready(together);
        std::barrier written(together);
        std::vector<std::thread> daemons;
        for (std::size_t i = 0; i < together; ++i) {
            daemons.emplace_back([&] {
                stats::Book own(1);
                stats::AttemptEnd end;
                end.where.slot = own.slot({"p", "m"});
                ready.arrive_and_wait();
                History history(own, one_file);
                own.shard(0).attempt(end);
                EXPECT_TRUE(ask(history));
                written.arrive_and_wait();
                EXPECT_EQ(requests(*ask(history)), together);
                EXPECT_EQ(history.status().trouble, "");
            });
        }
        for (auto& daemon : daemons)
            daemon.join();
    }
}

TEST_F(HistoryTest, WhatCannotBeOpenedIsKeptInMemory) {
    HistoryOptions nowhere = options();
    std::ofstream(folder.file("plain")) << "x";
    nowhere.file = folder.file("plain/usage.db");
    History history(book, nowhere);
    serve();
    EXPECT_EQ(requests(*ask(history)), 1U);
    EXPECT_EQ(history.status().file, "");
    EXPECT_NE(history.status().trouble, "");
}

TEST_F(HistoryTest, WithoutAFileItIsKeptInMemory) {
    HistoryOptions memory = options();
    memory.file.clear();
    History history(book, memory);
    serve();
    EXPECT_EQ(requests(*ask(history)), 1U);
    EXPECT_EQ(history.status().trouble, "");
}

TEST_F(HistoryTest, WhatCannotBeWrittenNowIsWrittenLater) {
    History history(book, options());
    serve();
    EXPECT_EQ(requests(*ask(history)), 1U);
    {
        // Another process that holds the file for longer than it is waited for.
        auto other = Database::open(folder.file("usage.db"));
        ASSERT_TRUE(other);
        ASSERT_TRUE(other->run("BEGIN IMMEDIATE"));
        serve();
        EXPECT_EQ(requests(*ask(history)), 1U);
        EXPECT_NE(history.status().trouble, "");
        ASSERT_TRUE(other->run("ROLLBACK"));
    }
    EXPECT_EQ(requests(*ask(history)), 2U);
    EXPECT_EQ(history.status().trouble, "");
}

TEST_F(HistoryTest, RetentionIsKeptAndCanChange) {
    History history(book, options());
    serve();
    ASSERT_EQ(requests(*ask(history)), 1U);
    clock = start + 399 * day;
    serve();
    EXPECT_EQ(requests(*ask(history)), 2U);
    clock = start + 402 * day;
    EXPECT_EQ(requests(*ask(history)), 1U);
    history.set_retention(2);
    EXPECT_EQ(requests(*ask(history)), 0U);
}

TEST_F(HistoryTest, QuestionsAreBounded) {
    History history(book, options());
    auto other = Database::open(folder.file("usage.db"));
    ASSERT_EQ(requests(*ask(history)), 0U);
    ASSERT_TRUE(other->run("BEGIN IMMEDIATE"));
    serve();  // so that the history waits for the file
    std::atomic<std::size_t> answered{0};
    std::size_t taken = 0;
    while (taken < 1000 && history.ask({}, [&](const auto&) { ++answered; }))
        ++taken;
    EXPECT_GE(taken, History::max_waiting);
    EXPECT_LT(taken, 1000U);
    ASSERT_TRUE(other->run("ROLLBACK"));
    while (answered < taken)
        std::this_thread::yield();
}

}  // namespace
}  // namespace ccr::store
