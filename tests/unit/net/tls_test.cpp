// SPDX-License-Identifier: MIT
// TLS against a real server on loopback; names are led there by the resolver.
#include "daemon/net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>

#include "daemon/http/client.hpp"
#include "daemon/net/pool.hpp"
#include "tests/testing/raw_server.hpp"
#include "tests/testing/run.hpp"
#include "tests/testing/tls_server.hpp"

namespace ccr::net {
namespace {

using ccr::testing::run;
using ccr::testing::TlsServer;
using ccr::testing::TlsServerOptions;

class Tls : public ::testing::Test {
  protected:
    Tls() { ::signal(SIGPIPE, SIG_IGN); }  // the blocking test server is not as careful
    ~Tls() override {
        pool.reset();
        ccr::testing::wind_up(loop);
    }

    void use(const std::string& ca_file) {
        TlsOptions options;
        options.ca_file = ca_file;
        ResolverOptions names;
        names.lookup = [](const std::string&) -> Result<std::vector<Endpoint>> {
            return std::vector<Endpoint>{*Endpoint::parse("127.0.0.1", 0)};
        };
        auto context = *TlsContext::create(options);
        pool = std::make_unique<Pool>(loop,
                                      std::make_unique<NetDialer>(context, ProxySettings{}, names));
    }

    asio::awaitable<std::string> exchange(std::string url) {
        const Origin origin(*parse_url(url));
        const http::Headers none;
        http::Exchange one(*pool, loop);
        http::ClientRequest request;
        request.origin = &origin;
        request.headers = &none;
        request.method = "GET";
        auto head = co_await one.send(request);
        if (!head) co_return "!" + head.error().chain();
        auto body = co_await one.read_all(5s, 1000);
        if (!body) co_return "!" + body.error().chain();
        co_return *body;
    }
    std::string get(const std::string& host, std::uint16_t port) {
        return run(loop, exchange("https://" + host + ":" + std::to_string(port) + "/"));
    }

    Loop loop;
    std::unique_ptr<Pool> pool;
};

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_F(Tls, VerifiesAndReusesTheConnection) {
    const TlsServer server;
    use(server.ca_file());
    EXPECT_EQ(get("provider.test", server.port()), "new");
    EXPECT_EQ(get("provider.test", server.port()), "new");
    EXPECT_EQ(pool->counters().dialed, 1U);
    EXPECT_EQ(pool->counters().reused, 1U);
}

TEST_F(Tls, ResumesTheSessionOnANewConnection) {
    for (const int version : {0, TLS1_2_VERSION}) {
        TlsServerOptions options;
        options.max_version = version;
        const TlsServer server(options);
        use(server.ca_file());
        EXPECT_EQ(get("provider.test", server.port()), "new");
        pool->clear();
        ccr::testing::settle(loop);
        EXPECT_EQ(get("provider.test", server.port()), "resumed") << version;
        EXPECT_EQ(pool->counters().dialed, 2U);
    }
}

TEST_F(Tls, RefusesAnUnknownAuthorityAndSaysWhatToDo) {
    const TlsServer server, other;
    use(other.ca_file());
    const auto answer = get("provider.test", server.port());
    EXPECT_TRUE(says(answer, "certificate of provider.test")) << answer;
    EXPECT_TRUE(says(answer, "not trusted")) << answer;
    EXPECT_TRUE(says(answer, "install its CA certificate")) << answer;
}

TEST_F(Tls, RefusesAnotherHostsCertificate) {
    const TlsServer server;
    use(server.ca_file());
    const auto answer = get("other.test", server.port());
    EXPECT_TRUE(says(answer, "issued for another name")) << answer;
}

TEST_F(Tls, RefusesAnExpiredCertificate) {
    TlsServerOptions options;
    options.expired = true;
    const TlsServer server(options);
    use(server.ca_file());
    const auto answer = get("provider.test", server.port());
    EXPECT_TRUE(says(answer, "expired")) << answer;
    EXPECT_TRUE(says(answer, "clock")) << answer;
}

TEST_F(Tls, VerifiesAnAddressWhereTheUrlHasOne) {
    TlsServerOptions options;
    options.ip = "127.0.0.1";
    const TlsServer right(options);
    use(right.ca_file());
    EXPECT_EQ(get("127.0.0.1", right.port()), "new");
    const TlsServer wrong;
    use(wrong.ca_file());
    EXPECT_TRUE(says(get("127.0.0.1", wrong.port()), "another name"));
}

TEST_F(Tls, RefusesOldProtocols) {
    TlsServerOptions options;
    options.max_version = TLS1_1_VERSION;
    const TlsServer server(options);
    use(server.ca_file());
    EXPECT_TRUE(says(get("provider.test", server.port()), "TLS handshake"));
}

TEST_F(Tls, APlainServerGivesAHint) {
    ccr::testing::RawServer plain([](int fd) {
        char byte = 0;
        if (::recv(fd, &byte, 1, 0) == 1) {
            ccr::testing::send_all(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
        }
        std::string rest;
        ccr::testing::read_to_end(fd, rest);
    });
    use("");
    const auto answer = get("provider.test", plain.port());
    EXPECT_TRUE(says(answer, "does not speak TLS on this port")) << answer;
}

TEST_F(Tls, ASilentServerIsATimeoutAndCancelWorks) {
    ccr::testing::RawServer silent([](int fd) {
        std::string rest;
        ccr::testing::read_to_end(fd, rest);
    });
    use("");
    const Origin origin(*parse_url("https://provider.test:" + std::to_string(silent.port())));
    auto task = [&](Limit limit, CancelScope& scope) -> asio::awaitable<ErrorKind> {
        auto got = co_await pool->acquire(loop, origin, limit, scope, false);
        EXPECT_FALSE(got);
        co_return got ? ErrorKind::internal : got.error().kind;
    };
    CancelScope patient;
    EXPECT_EQ(run(loop, task(50ms, patient)), ErrorKind::timeout);
    CancelScope hasty;
    auto cancel = [](Loop& on, CancelScope& scope) -> asio::awaitable<void> {
        auto slept = co_await sleep_for(on, 30ms);
        EXPECT_TRUE(slept);
        scope.cancel();
    };
    spawn(loop, "cancel", cancel(loop, hasty));
    EXPECT_EQ(run(loop, task(60s, hasty)), ErrorKind::cancelled);
}

TEST_F(Tls, RefusesAMissingAuthorityFile) {
    TlsOptions options;
    options.ca_file = "/nonexistent/ca.pem";
    const auto context = TlsContext::create(options);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().kind, ErrorKind::config);
    EXPECT_TRUE(says(context.error().detail, "/nonexistent/ca.pem"));
}

}  // namespace
}  // namespace ccr::net
