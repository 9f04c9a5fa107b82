// SPDX-License-Identifier: MIT
// One HTTP/1.1 exchange with an upstream: a request out, a response head and body pieces in.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/http/inflate.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/pool.hpp"

namespace ccr::http {

namespace asio = boost::asio;

struct ClientTimers {
    Millis connect{10'000};      // name, connection, TLS together
    Millis head{120'000};        // request sent → response head
    Millis write_stall{60'000};  // without progress while sending
};

struct ClientLimits {
    std::size_t head = std::size_t{64} * 1024;
    std::uint64_t body = std::uint64_t{1} << 40U;  // bytes on the wire; the caller counts its own
    InflateLimits inflate;
};

struct ClientRequest {
    const net::Origin* origin = nullptr;  // must outlive the exchange
    std::string_view method = "POST";
    std::string_view target = "/";
    // Sent as they are; Host, Content-Length and Connection are made here and must not be in it.
    const Headers* headers = nullptr;
    // The body, in order; not copied, must stay until send() is done.
    std::vector<std::string_view> body;
    ClientTimers timers;
    ClientLimits limits;
};

// Loop-local. Owned by the request's coroutine. Destruction gives the connection back to the pool
// if the response was read to its end and allows another exchange, and closes it otherwise.
class Exchange {
  public:
    Exchange(net::Pool& pool, net::Loop& loop);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // Connects (pool) and sends the request. Errors: resolve, connect, tls, reset, timeout,
    // cancelled. Only once per Exchange; the body's bytes must stay until head() has answered,
    // because a kept-alive connection that turns out to be dead before the first response byte is
    // replaced by a fresh one, once.
    [[nodiscard]] asio::awaitable<Result<void>> begin(const ClientRequest& request);

    // Reads the response head. 1xx are skipped, redirects are returned as they are. A gzip or
    // deflate body is decoded on the fly and its Content-Encoding and Content-Length removed from
    // the head. After ErrorKind::timeout (none within `limit`) head() may be called again: the
    // caller keeps its own client alive meanwhile. Other errors (reset, eof, cancelled, malformed)
    // are final.
    [[nodiscard]] asio::awaitable<Result<ResponseHead>> head(net::Limit limit);

    // begin() and head(request.timers.head) in one.
    [[nodiscard]] asio::awaitable<Result<ResponseHead>> send(const ClientRequest& request);

    // The next decoded body bytes, all that one receive brought; valid until the next read(). Empty
    // = the body is complete. After ErrorKind::timeout (no byte for `limit`) read() may be called
    // again; any other error is final. A body cut short is ErrorKind::eof, never "complete".
    [[nodiscard]] asio::awaitable<Result<std::string_view>> read(net::Limit limit);

    // Reads the whole rest into a string; too_large past max_bytes.
    [[nodiscard]] asio::awaitable<Result<std::string>> read_all(net::Limit limit,
                                                                std::size_t max_bytes);

    // Ends the pending operation at once with ErrorKind::cancelled, and all later ones. May be
    // called at any time on the loop's thread, also from on_peer_gone.
    void cancel();

    [[nodiscard]] bool reused_connection() const;
    // Whether any byte of the request has been handed to a socket.
    [[nodiscard]] bool request_sent() const;
    [[nodiscard]] bool complete() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ccr::http
