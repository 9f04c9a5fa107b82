// SPDX-License-Identifier: MIT
// The HTTP/1.1 server side of one connection: strict request parsing, limits, deadlines,
// keep-alive, and the Reply through which a handler answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/error_body.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/stream.hpp"

namespace ccr::http {

namespace asio = boost::asio;

struct ServerOptions {
    std::size_t header_limit = std::size_t{64} * 1024;
    std::size_t body_limit = std::size_t{64} * 1024 * 1024;
    Millis header_timeout{10'000};  // for the whole head, from its first byte
    Millis body_timeout{60'000};    // without progress
    Millis idle_timeout{75'000};    // between requests, and before the first
    Millis write_timeout{60'000};   // without progress
    Millis linger{2'000};           // reading on after an early error reply, so that it arrives
};

// Sees all that a Reply says, and may go on listening when the client has left. Loop-local.
class ReplyTap {
  public:
    virtual ~ReplyTap() = default;
    virtual void on_head(int status, const Headers& headers, bool streamed) = 0;
    virtual void on_body(std::string_view bytes) = 0;
    virtual void on_end(bool complete) = 0;
    // Somebody but the client wants this answer.
    [[nodiscard]] virtual bool listening() const = 0;
    // More than the listeners keep up with is waiting; wait_for_room() ends when it no longer is.
    [[nodiscard]] virtual bool full() const = 0;
    [[nodiscard]] virtual asio::awaitable<Result<void>> wait_for_room() = 0;
};

// The answer to one request. Use either send() or start(), write()…, finish(). After the first
// error every call fails; the handler just returns. Loop-local; lives as long as the handler runs.
class Reply {
  public:
    Reply(net::Stream& stream, net::Loop& loop, const Request& request, Millis write_timeout,
          bool close_after);
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    // Fixed length, in one gather write; the body is left out for HEAD, 204 and 304. Adds
    // request-id, date, content-length and connection; the caller gives content-type.
    [[nodiscard]] asio::awaitable<Result<void>> send(int status, const Headers& headers,
                                                     std::string_view body);
    // Whose clients asked: how errors are told from now on. Anthropic's, unless somebody says so.
    void use_errors(const ErrorForm& form) { errors_ = &form; }
    // The error's body with its status; sent only if no head has gone out yet.
    [[nodiscard]] asio::awaitable<Result<void>> send_error(const Error& error);
    [[nodiscard]] asio::awaitable<Result<void>> send_error(const Error& error,
                                                           const Headers& extra);

    // A body of unknown length: chunked, or close-delimited for HTTP/1.0. The head waits for the
    // first write(), flush() or finish(), to go out in the same packet.
    [[nodiscard]] asio::awaitable<Result<void>> start(int status, const Headers& headers);
    [[nodiscard]] asio::awaitable<Result<void>> write(std::string_view bytes, bool last = false);
    // The two behind each other, without a copy that joins them.
    [[nodiscard]] asio::awaitable<Result<void>> write_both(std::string_view first,
                                                           std::string_view second);
    // write() without suspending, for the many small pieces of a stream whose head is out. What the
    // socket does not take at once is kept for flush().
    enum class Tried : std::uint8_t { all, rest_kept, not_now };
    [[nodiscard]] Tried try_write(std::string_view bytes);
    [[nodiscard]] asio::awaitable<Result<void>> flush();
    [[nodiscard]] asio::awaitable<Result<void>> finish();
    // Ends the connection so that the client can tell the body is cut off.
    void abort();

    // True once the head's bytes went to the socket (or were tried to).
    [[nodiscard]] bool head_sent() const { return head_sent_; }
    // True once start() or send() was called.
    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }

    // Called once nobody wants the answer any more, within 100 ms of the client's going away, or
    // when the daemon's time to finish it is up (interrupted()); at once if that is so already. The
    // callback must not suspend; it ends with the handler.
    void on_peer_gone(std::function<void()> callback);
    [[nodiscard]] bool peer_gone() const { return peer_gone_ && !overheard(); }
    // The answer is to be brought to a visible end at once.
    [[nodiscard]] bool interrupted() const { return loop_.interrupted(); }
    // The client has left or cannot be written to: nothing that goes wrong now is the provider's
    // doing.
    [[nodiscard]] bool client_lost() const { return peer_gone() || write_failed_; }

    // `tap` sees everything from now on; null: nobody. While it is listening the client's leaving
    // ends nothing.
    void set_tap(ReplyTap* tap) { tap_ = tap; }
    // The tap's last listener has left.
    void listeners_gone();

    [[nodiscard]] net::Loop& loop() { return loop_; }
    [[nodiscard]] std::string_view request_id() const { return request_.id; }

    // For the connection loop.
    void notify_peer_gone();
    void notify_interrupt();
    [[nodiscard]] bool keeps_alive() const {
        return complete_ && !close_after_ && !failed_ && !detached_;
    }

  private:
    [[nodiscard]] bool bodyless() const;
    [[nodiscard]] bool overheard() const { return tap_ != nullptr && tap_->listening(); }
    void build_head(int status, const Headers& headers, std::string_view length);
    [[nodiscard]] asio::awaitable<Result<void>> put(std::span<const asio::const_buffer> buffers);
    [[nodiscard]] asio::awaitable<Result<void>> write_parts(std::string_view first,
                                                            std::string_view second, bool last);

    net::Stream& stream_;
    net::Loop& loop_;
    const Request& request_;
    Millis write_timeout_;
    std::string head_;
    std::string rest_;  // what try_write() could not send
    std::function<void()> gone_callback_;
    ReplyTap* tap_ = nullptr;
    const ErrorForm* errors_ = &anthropic_errors;
    std::size_t body_bytes_ = 0;
    int status_ = 0;
    bool close_after_;
    bool started_ = false;
    bool head_sent_ = false;
    bool chunked_ = false;
    bool complete_ = false;
    bool failed_ = false;
    bool peer_gone_ = false;
    bool write_failed_ = false;
    bool detached_ = false;  // the client is gone, the tap listens on
};

using Handler = std::function<asio::awaitable<void>(Request&, Reply&)>;

// What all connections of a listener share.
struct Service {
    ServerOptions options;
    Handler handler;
};

// Serves one connection to its end. Spawn it: all parameters are owners but the loop.
[[nodiscard]] asio::awaitable<void> serve(std::unique_ptr<net::Stream> stream, net::Loop& loop,
                                          std::shared_ptr<const Service> service,
                                          net::ActiveToken active = {});

}  // namespace ccr::http
