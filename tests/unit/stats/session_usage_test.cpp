// SPDX-License-Identifier: MIT
#include "daemon/stats/session_usage.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace ccr::stats {
namespace {

TEST(SessionUsage, KnowsTheLastRequestOfEachSession) {
    SessionUsage usage;
    EXPECT_EQ(usage.last("a"), 0);
    usage.record("a", 10);
    usage.record("b", 20);
    usage.record("a", 30);
    EXPECT_EQ(usage.last("a"), 30);
    EXPECT_EQ(usage.last("b"), 20);
    EXPECT_EQ(usage.size(), 2U);
}

TEST(SessionUsage, ForgetsTheSessionThatWasUsedLeastRecently) {
    SessionUsage usage(3);
    for (const char* session : {"a", "b", "c"})
        usage.record(session, 1);
    EXPECT_EQ(usage.last("a"), 1);  // used again
    usage.record("d", 4);
    EXPECT_EQ(usage.size(), 3U);
    EXPECT_EQ(usage.last("b"), 0);
    EXPECT_EQ(usage.last("a"), 1);
    EXPECT_EQ(usage.last("c"), 1);
    EXPECT_EQ(usage.last("d"), 4);
}

TEST(SessionUsage, StaysWithinItsCapacityWhateverComes) {
    SessionUsage usage(10);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&usage, t] {
            for (int i = 0; i < 1000; ++i) {
                usage.record(std::to_string(t) + "-" + std::to_string(i), i + 1);
                (void)usage.last(std::to_string(i));
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(usage.size(), 10U);
}

}  // namespace
}  // namespace ccr::stats
