// SPDX-License-Identifier: MIT
#include "daemon/net/proxy_connect.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "daemon/net/pool.hpp"
#include "tests/testing/fake_stream.hpp"
#include "tests/testing/raw_server.hpp"
#include "tests/testing/run.hpp"

namespace ccr::net {
namespace {

using ccr::testing::FakeStream;
using ccr::testing::FakeWire;
using ccr::testing::run;

struct Case {
    const char* list;
    const char* host;
    std::uint16_t port;
    bool direct;
};

TEST(NoProxy, MatchesEveryForm) {
    for (const auto& [list, host, port, direct] : {
             Case{"api.x.com", "api.x.com", 443, true},
             Case{"API.x.com", "api.X.com", 443, true},
             Case{"x.com", "api.x.com", 443, true},
             Case{"x.com", "notx.com", 443, false},
             Case{".x.com", "api.x.com", 443, true},
             Case{"*.x.com", "a.b.x.com", 443, true},
             Case{"a.com, b.com", "b.com", 80, true},
             Case{"a.com b.com", "b.com", 80, true},
             Case{"*", "anything", 1, true},
             Case{"x.com:443", "x.com", 443, true},
             Case{"x.com:443", "x.com", 80, false},
             Case{"10.0.0.0/8", "10.200.1.1", 80, true},
             Case{"10.0.0.0/8", "11.0.0.1", 80, false},
             Case{"10.0.0.0/8", "10.example.com", 80, false},
             Case{"192.168.1.128/25", "192.168.1.127", 80, false},
             Case{"192.168.1.128/25", "192.168.1.200", 80, true},
             Case{"fd00::/8", "fd12::1", 80, true},
             Case{"fd00::/8", "fe00::1", 80, false},
             Case{"::1", "::1", 80, true},
             Case{"[fd00::1]:80", "fd00::1", 80, true},
             Case{"[fd00::1]:80", "fd00::1", 81, false},
             Case{"10.0.0.1", "10.0.0.1", 80, true},
             Case{"0.0.1", "10.0.0.1", 80, false},
             Case{"", "x.com", 80, false},
             Case{"10.0.0.0/99", "10.0.0.1", 80, false},
         }) {
        EXPECT_EQ(NoProxy(list).matches(host, port), direct) << list << " " << host;
    }
}

TEST(ProxySettings, NeverSendLoopbackThroughAProxy) {
    const auto settings = make_proxy_settings("http://proxy:3128", "direct.com");
    ASSERT_TRUE(settings);
    EXPECT_NE(settings->proxy_for("api.x.com", 443), nullptr);
    EXPECT_EQ(settings->proxy_for("direct.com", 443), nullptr);
    for (const auto* host : {"localhost", "127.0.0.1", "::1", "127.5.5.5", "a.localhost"}) {
        EXPECT_EQ(settings->proxy_for(host, 443), nullptr) << host;
    }
}

TEST(ProxySettings, ReadHabitualSpellingsAndRefuseOthers) {
    EXPECT_EQ(make_proxy_settings("proxy:3128", "")->url->port, 3128);
    EXPECT_FALSE(make_proxy_settings("", "")->url);
    EXPECT_FALSE(make_proxy_settings("socks5://proxy", ""));
    EXPECT_FALSE(make_proxy_settings("https://proxy", ""));
}

class ProxyConnect : public ::testing::Test {
  protected:
    Result<void> connect(std::string_view proxy_url, std::string_view reply, std::string host) {
        FakeStream stream(loop, wire);
        wire.push(reply);
        const Url proxy = *parse_url(proxy_url);
        return run(loop, proxy_connect(stream, proxy, std::move(host), 443, 1s));
    }
    Loop loop;
    FakeWire wire;
};

TEST_F(ProxyConnect, AsksForTheTunnelWithCredentials) {
    EXPECT_TRUE(connect("http://us%40er:p%3Aw@proxy:1", "HTTP/1.1 200 Go\r\n\r\n", "api.x.com"));
    EXPECT_EQ(wire.written,
              "CONNECT api.x.com:443 HTTP/1.1\r\nHost: api.x.com:443\r\n"
              "Proxy-Authorization: Basic dXNAZXI6cDp3\r\n\r\n");
}

TEST_F(ProxyConnect, PutsBracketsAroundIpv6) {
    EXPECT_TRUE(connect("http://proxy:1", "HTTP/1.0 200 Go\r\nX: y\r\n\r\n", "fd00::1"));
    EXPECT_TRUE(wire.written.starts_with("CONNECT [fd00::1]:443 HTTP/1.1\r\n"));
    EXPECT_EQ(wire.written.find("Proxy-Authorization"), std::string::npos);
}

TEST_F(ProxyConnect, SaysWhatTheProxyObjectsTo) {
    const auto refused =
        connect("http://u:secret@proxy:1", "HTTP/1.1 407 Auth\r\n\r\n", "api.x.com");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::connect);
    EXPECT_NE(refused.error().detail.find("407"), std::string::npos);
    EXPECT_EQ(refused.error().chain().find("secret"), std::string::npos);
}

TEST_F(ProxyConnect, FailsOnGarbageAndOnAnEarlyEnd) {
    EXPECT_EQ(connect("http://proxy:1", "SSH-2.0\r\n\r\n", "x.com").error().kind,
              ErrorKind::malformed);
    wire.script.clear();
    EXPECT_EQ(connect("http://proxy:1", "HTTP/1.1 200", "x.com").error().kind, ErrorKind::connect);
    wire.script.clear();
    EXPECT_EQ(connect("http://proxy:1", std::string(20'000, 'a'), "x.com").error().kind,
              ErrorKind::malformed);
}

TEST(Dialer, GoesThroughTheProxyAndTheProxyResolvesTheName) {
    std::mutex mutex;
    std::string asked;
    ccr::testing::RawServer proxy([&](int fd) {
        const std::string request = ccr::testing::read_until(fd, "\r\n\r\n");
        {
            const std::lock_guard lock(mutex);
            asked = request;
        }
        ccr::testing::send_all(fd, "HTTP/1.1 200 OK\r\n\r\n");
        ccr::testing::send_all(fd, ccr::testing::read_until(fd, "ping"));
    });
    Loop loop;
    ResolverOptions options;
    options.lookup = [](const std::string& host) -> Result<std::vector<Endpoint>> {
        ADD_FAILURE() << "looked up " << host;
        return Error{ErrorKind::resolve, "no"};
    };
    auto settings = *make_proxy_settings("127.0.0.1:" + std::to_string(proxy.port()), "");
    NetDialer dialer(nullptr, settings, options);
    const Origin origin(*parse_url("http://api.example.test/v1"));
    auto task = [&]() -> asio::awaitable<std::string> {
        CancelScope scope;
        auto stream = co_await dialer.dial(loop, origin, 5s, scope);
        if (!stream) co_return stream.error().chain();
        const asio::const_buffer ping = asio::buffer("ping", 4);
        const std::span<const asio::const_buffer> one(&ping, 1);
        auto sent = co_await (*stream)->write(one, 1s);
        if (!sent) co_return sent.error().chain();
        char room[16];
        const std::span<char> into(room, sizeof room);
        auto got = co_await (*stream)->read_some(into, 5s);
        if (!got) co_return got.error().chain();
        co_return std::string(room, *got);
    };
    EXPECT_EQ(run(loop, task()), "ping");
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(asked.starts_with("CONNECT api.example.test:80 HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace ccr::net
