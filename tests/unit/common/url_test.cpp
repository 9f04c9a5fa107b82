// SPDX-License-Identifier: MIT
#include "common/url.hpp"

#include <gtest/gtest.h>

namespace ccr {
namespace {

TEST(Url, TakesAUrlApart) {
    const auto url = parse_url("HTTPS://us%3Aer:p@API.Example.com:8443/v1/chat?x=1#frag");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "api.example.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/v1/chat?x=1");
    EXPECT_EQ(url->userinfo.reveal(), "us:er:p");
    EXPECT_EQ(url->authority(), "api.example.com:8443");
}

TEST(Url, KnowsDefaultPorts) {
    EXPECT_EQ(parse_url("http://a")->port, 80);
    EXPECT_EQ(parse_url("https://a")->port, 443);
    EXPECT_EQ(parse_url("https://a:443")->authority(), "a");
    EXPECT_EQ(parse_url("http://a:443")->authority(), "a:443");
    EXPECT_EQ(parse_url("http://a?q=1")->target, "/?q=1");
}

TEST(Url, TakesIpv6Literals) {
    const auto url = parse_url("http://[FD00::1]:8080/x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "fd00::1");
    EXPECT_EQ(url->origin(), "http://[fd00::1]:8080");
}

TEST(Url, RefusesWhatCouldBeMisread) {
    for (const auto* text : {"", "api.example.com", "ftp://a", "http://", "http:///x", "http://a:0",
                             "http://a:65536", "http://a:b", "http://a b", "http://a/x y",
                             "http://a/\r\nX: y", "http://a\t", "http://[::1", "http://[nope]",
                             "http://[::1]x", "http://a:1:2", "http://a,b", "http://a\x7f"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

TEST(Url, NeverRepeatsTheUserinfoInAnError) {
    const auto url = parse_url("http://user:secret@host:99999/");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().chain().find("secret"), std::string::npos);
}

TEST(Url, JoinsPathsWithOneSlash) {
    EXPECT_EQ(join_target(*parse_url("http://a"), "v1/x"), "/v1/x");
    EXPECT_EQ(join_target(*parse_url("http://a/base/"), "/v1/x"), "/base/v1/x");
    EXPECT_EQ(join_target(*parse_url("http://a/base?k=v"), "/x"), "/base/x?k=v");
    EXPECT_EQ(join_target(*parse_url("http://a/base?k=v"), "/x?y=z"), "/base/x?y=z&k=v");
}

TEST(Url, KnowsLoopback) {
    for (const auto* host : {"localhost", "LocalHost", "x.localhost", "127.0.0.1", "127.255.0.9",
                             "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const auto* host : {"", "local", "localhost.com", "128.0.0.1", "::2", "::ffff:1.2.3.4",
                             ".localhost", "127.0.0.1.com"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

}  // namespace
}  // namespace ccr
