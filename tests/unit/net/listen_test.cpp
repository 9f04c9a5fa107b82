// SPDX-License-Identifier: MIT
#include "daemon/net/listen.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/testing/raw_server.hpp"

namespace ccr::net {
namespace {

template <typename Done>
bool eventually(Done done) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!done()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST(Listen, SpreadsConnectionsThatAreActiveAndKeepsTheOthersTogether) {
    LoopPool loops(2);
    std::mutex mutex;
    std::vector<int> placed;
    std::vector<ActiveToken> tokens;
    std::vector<std::unique_ptr<Stream>> streams;
    std::atomic<bool> keep{false};
    Listener listener(loops, *bind_tcp("127.0.0.1", 0),
                      [&](Loop& loop, std::unique_ptr<Stream> stream, ActiveToken token) {
                          const std::lock_guard lock(mutex);
                          if (keep) tokens.push_back(std::move(token));
                          token.reset();
                          streams.push_back(std::move(stream));
                          placed.push_back(loop.index());
                      });
    loops.start();
    listener.start();
    const auto count = [&] {
        const std::lock_guard lock(mutex);
        return placed.size();
    };
    std::vector<Fd> clients;
    for (std::size_t i = 1; i <= 3; ++i) {
        clients.push_back(ccr::testing::connect_to(listener.port()));
        ASSERT_TRUE(eventually([&] { return count() == i; }));
    }
    EXPECT_EQ(placed, (std::vector<int>{0, 0, 0}));
    keep = true;
    for (std::size_t i = 4; i <= 7; ++i) {
        clients.push_back(ccr::testing::connect_to(listener.port()));
        ASSERT_TRUE(eventually([&] { return count() == i; }));
    }
    EXPECT_EQ(placed, (std::vector<int>{0, 0, 0, 0, 1, 0, 1}));
    loops.stop();
    loops.join();
    streams.clear();
}

TEST(Listen, RefusesNewConnectionsAfterClose) {
    LoopPool loops(1);
    Listener listener(loops, *bind_tcp("localhost", 0),
                      [](Loop&, std::unique_ptr<Stream>, ActiveToken) {});
    loops.start();
    listener.start();
    const auto port = listener.port();
    EXPECT_TRUE(ccr::testing::connect_to(port));
    listener.close();
    EXPECT_TRUE(eventually([port] { return !ccr::testing::connect_to(port); }));
}

TEST(Listen, SaysWhyAPortCannotBeHad) {
    const Fd taken = *bind_tcp("127.0.0.1", 0);
    const auto again = bind_tcp("127.0.0.1", bound_port(taken.get()));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::io);
    EXPECT_NE(again.error().detail.find("another ccrd"), std::string::npos);
    EXPECT_FALSE(bind_tcp("no such host", 0));
}

TEST(Listen, ListensOnAllAddresses) {
    const Fd any = *bind_tcp("*", 0);
    EXPECT_TRUE(ccr::testing::connect_to(bound_port(any.get())));
}

TEST(Listen, AUnixSocketIsPrivateAndReplacesOnlyAStaleOne) {
    const std::string path = "/tmp/ccr-listen-test-" + std::to_string(::getpid()) + ".sock";
    {
        auto first = bind_unix(path);
        ASSERT_TRUE(first) << first.error().detail;
        struct stat info {};
        ASSERT_EQ(::stat(path.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0600U);
        EXPECT_FALSE(bind_unix(path)) << "somebody is listening there";
    }
    auto second = bind_unix(path);
    EXPECT_TRUE(second);
    ::unlink(path.c_str());
    EXPECT_FALSE(bind_unix(std::string(200, 'x')));
}

}  // namespace
}  // namespace ccr::net
