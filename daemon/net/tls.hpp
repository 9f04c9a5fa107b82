// SPDX-License-Identifier: MIT
// TLS for upstream connections: OpenSSL straight on the socket, so that an idle connection is a
// descriptor and an SSL object and can change its loop. TLS 1.2 or later, peer and host name
// verified, sessions resumed per origin.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "daemon/net/stream.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::net {

struct TlsOptions {
    std::string ca_file;  // PEM, in addition to the system store
};

// Shared by all loops; thread-safe. Holds the trust store and the session cache.
class TlsContext {
  public:
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> create(const TlsOptions& options);
    virtual ~TlsContext() = default;

    // Runs the handshake on a connected plain stream. `host` is verified (name or IP literal) and
    // sent as SNI (names only). Errors are ErrorKind::tls with a hint at what to do, or the
    // transport's own kind.
    [[nodiscard]] virtual asio::awaitable<Result<std::unique_ptr<Stream>>> handshake(
        Loop& loop, StreamParts parts, std::string host, std::uint16_t port, Limit limit,
        CancelScope* scope) = 0;
};

// For a TLS stream: whether its session was resumed, and its protocol ("TLSv1.3"). For tests.
[[nodiscard]] bool session_resumed(const ssl_st& ssl);

}  // namespace ccr::net
