// SPDX-License-Identifier: MIT
#include "common/log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <regex>
#include <string>

namespace ccr::log {
namespace {

// The logger looks at stderr once per process, so each case gets a process of its own whose stderr
// is a pipe to here.
std::string stderr_of(const std::function<void()>& prepare, const std::function<void()>& body) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        ::unsetenv("JOURNAL_STREAM");
        prepare();
        body();
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string out;
    char piece[4096];
    for (ssize_t n = ::read(ends[0], piece, sizeof piece); n > 0;
         n = ::read(ends[0], piece, sizeof piece)) {
        out.append(piece, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return out;
}

void journal() {
    struct stat info {};
    ::fstat(STDERR_FILENO, &info);
    const std::string stream = std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
    ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
}

void other_journal() {
    ::setenv("JOURNAL_STREAM", "1:1", 1);
}

void every_level() {
    init(Level::debug);
    debug("d");
    info("i");
    warn("w");
    error("e");
    critical("c");
}

TEST(Log, PlainLinesCarryTimeAndLevel) {
    const std::regex lines(
        "(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} (debug d|info i|warning w|error e|"
        "critical c)\n){5}");
    const std::string out = stderr_of([] {}, every_level);
    EXPECT_TRUE(std::regex_match(out, lines)) << out;
    EXPECT_TRUE(std::regex_match(stderr_of(other_journal, every_level), lines));
}

TEST(Log, JournalLinesCarryThePriority) {
    EXPECT_EQ(stderr_of(journal, every_level), "<7>d\n<6>i\n<4>w\n<3>e\n<2>c\n");
}

TEST(Log, LevelCutsOff) {
    EXPECT_EQ(stderr_of(journal,
                        [] {
                            init(Level::warn);
                            info("no");
                            warn("yes");
                            set_level(Level::info);
                            info("now");
                            debug("no");
                            set_level(Level::off);
                            critical("no");
                        }),
              "<4>yes\n<6>now\n");
    EXPECT_EQ(stderr_of(journal,
                        [] {
                            init(Level::error);
                            if (enabled(Level::warn)) error("wrong");
                            if (enabled(Level::error)) error("right");
                        }),
              "<3>right\n");
}

TEST(Log, WorksBeforeInit) {
    EXPECT_EQ(stderr_of(journal,
                        [] {
                            info("seen");
                            debug("not seen");
                        }),
              "<6>seen\n");
}

TEST(Log, OneCallIsOneLineWhateverItQuotes) {
    EXPECT_EQ(stderr_of(journal, [] { info(std::string_view("a\nb\r\x1b[31m\0{}%\tc", 15)); }),
              "<6>a\\x0ab\\x0d\\x1b[31m\\x00{}%\tc\n");
}

}  // namespace
}  // namespace ccr::log
