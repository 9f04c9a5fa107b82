// SPDX-License-Identifier: MIT
// A byte stream, plain or TLS behind one type, on one loop. Implementations offer the readiness
// form (try, wait); read_some() and write() are composed from it. No operation throws.
//
// Errors: timeout (the limit passed; the stream stays usable for reading), reset, cancelled, tls.
// An orderly end is 0 bytes read.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "common/result.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/waiter.hpp"

struct ssl_st;  // OpenSSL's SSL

namespace ccr::net {

struct SslFree {
    void operator()(ssl_st* ssl) const;
};
using SslHandle = std::unique_ptr<ssl_st, SslFree>;

// What an idle connection is, apart from any loop: how it moves between loops.
struct StreamParts {
    Fd fd;
    SslHandle ssl;  // null: plain
};

class Stream {
  public:
    static constexpr std::size_t would_block = static_cast<std::size_t>(-1);
    // Pipelined bytes read on the peer's behalf while a request is being answered.
    static constexpr std::size_t max_ahead = std::size_t{64} * 1024;

    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    // Bytes read, 0 = orderly end, would_block = wait_readable() first.
    [[nodiscard]] virtual Result<std::size_t> try_read(std::span<char> into) = 0;
    // Bytes taken (any number), or would_block = wait_writable() first.
    [[nodiscard]] virtual Result<std::size_t> try_write(
        std::span<const asio::const_buffer> buffers) = 0;
    [[nodiscard]] virtual asio::awaitable<Result<void>> wait_readable(Limit limit) = 0;
    [[nodiscard]] virtual asio::awaitable<Result<void>> wait_writable(Limit limit) = 0;

    // The pending operation fails at once with `why`, and so does every later one until
    // clear_cancel(). Resumes nobody inside the call.
    virtual void cancel(ErrorKind why) = 0;
    virtual void clear_cancel() = 0;
    virtual void close() = 0;
    // Half close: the peer sees the end, reading goes on.
    virtual void shutdown_send() = 0;
    // Makes close() send a reset, so that a cut-off close-delimited body does not look complete.
    virtual void reset_on_close() = 0;
    // True if the peer has neither closed nor sent anything: fit for another request.
    [[nodiscard]] virtual bool is_alive_idle() = 0;

    // Calls `gone` once when the peer closes or resets, while no read is in progress. Bytes that
    // come in meanwhile are kept (max_ahead) for the next read. The watch ends with unwatch_peer(),
    // with the call, or with the stream.
    virtual void watch_peer(std::function<void()> gone) = 0;
    virtual void unwatch_peer() = 0;

    // Takes the connection off its loop; the stream is closed afterwards. Only when idle.
    [[nodiscard]] virtual StreamParts detach() = 0;

    [[nodiscard]] asio::awaitable<Result<std::size_t>> read_some(std::span<char> into, Limit limit);
    // Writes all bytes; `limit` is the longest time without progress. The buffers' memory must stay
    // until the end; a failed write leaves the stream unfit for further writes.
    [[nodiscard]] asio::awaitable<Result<void>> write(std::span<const asio::const_buffer> buffers,
                                                      Limit limit);
};

// A stream on `loop` over a connected socket (TCP or Unix, any blocking mode).
[[nodiscard]] std::unique_ptr<Stream> make_stream(Loop& loop, StreamParts parts);

}  // namespace ccr::net
