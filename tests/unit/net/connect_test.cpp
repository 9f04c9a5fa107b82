// SPDX-License-Identifier: MIT
#include "daemon/net/connect.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "daemon/net/listen.hpp"
#include "tests/testing/raw_server.hpp"
#include "tests/testing/run.hpp"

namespace ccr::net {
namespace {

using ccr::testing::run;

Endpoint local(std::uint16_t port) {
    return *Endpoint::parse("127.0.0.1", port);
}

std::uint16_t refused_port() {
    const Fd fd = *bind_tcp("127.0.0.1", 0);
    return bound_port(fd.get());
}

// A listener whose queue is full: it answers no further connection attempt, like a dead host.
class DeadHost {
  public:
    DeadHost() {
        listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const Endpoint any = local(0);
        EXPECT_EQ(::bind(listener_.get(), any.address(), any.size()), 0);
        EXPECT_EQ(::listen(listener_.get(), 0), 0);
        for (auto& filler : fillers_) {
            filler = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            const Endpoint where = local(port());
            ::connect(filler.get(), where.address(), where.size());
        }
    }
    std::uint16_t port() const { return bound_port(listener_.get()); }

  private:
    Fd listener_;
    Fd fillers_[4];
};

TEST(Connect, AlternatesBetweenFamilies) {
    std::vector<Endpoint> addresses;
    for (const auto* ip : {"::1", "::2", "::3", "1.1.1.1", "2.2.2.2"}) {
        addresses.push_back(*Endpoint::parse(ip, 1));
    }
    std::string order;
    for (const auto& endpoint : interleave(addresses))
        order += endpoint.text() + " ";
    EXPECT_EQ(order, "[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1 ");
}

TEST(Connect, TakesTheNextAddressAtOnceWhenOneRefuses) {
    Loop loop;
    ccr::testing::RawServer server([](int) {});
    const auto begin = std::chrono::steady_clock::now();
    const auto fd =
        run(loop, connect_any(loop, {local(refused_port()), local(server.port())}, 5s, nullptr));
    EXPECT_TRUE(fd.has_value());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 200ms);
}

TEST(Connect, DoesNotWaitForADeadFirstAddress) {
    Loop loop;
    const DeadHost dead;
    ccr::testing::RawServer server([](int) {});
    const auto begin = std::chrono::steady_clock::now();
    const auto fd =
        run(loop, connect_any(loop, {local(dead.port()), local(server.port())}, 5s, nullptr));
    EXPECT_TRUE(fd.has_value());
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 200ms);
    EXPECT_LT(took, 900ms);
}

TEST(Connect, NamesTheAddressThatRefused) {
    Loop loop;
    const auto port = refused_port();
    const auto fd = run(loop, connect_any(loop, {local(port)}, 5s, nullptr));
    ASSERT_FALSE(fd);
    EXPECT_EQ(fd.error().kind, ErrorKind::connect);
    EXPECT_NE(fd.error().detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST(Connect, GivesUpAtTheDeadline) {
    Loop loop;
    const DeadHost dead;
    const auto fd = run(loop, connect_any(loop, {local(dead.port())}, 50ms, nullptr));
    ASSERT_FALSE(fd);
    EXPECT_EQ(fd.error().kind, ErrorKind::timeout);
}

TEST(Connect, CancelEndsIt) {
    Loop loop;
    const DeadHost dead;
    CancelScope scope;
    loop.post([&scope] { scope.cancel(); });
    const auto fd = run(loop, connect_any(loop, {local(dead.port())}, 60s, &scope));
    ASSERT_FALSE(fd);
    EXPECT_EQ(fd.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace ccr::net
