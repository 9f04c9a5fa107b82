// SPDX-License-Identifier: MIT
// What plain and TLS streams share: the descriptor's readiness, limits, cancellation and the watch
// for the peer's leaving. Private to net/.
//
// Reactor waits are never cancelled for a limit: the coroutine is woken with the timeout, the wait
// stays armed, and the next operation takes it over. The waits hold a reference on the core, so
// that a completion after the stream's end finds it closed instead of gone.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "daemon/net/stream.hpp"

namespace ccr::net {

class SocketStream;

struct SocketCore final : boost::intrusive_ref_counter<SocketCore, boost::thread_unsafe_counter> {
    SocketCore(Loop& on, int fd) : loop(on), descriptor(on.context(), fd) {}

    [[nodiscard]] int fd() { return descriptor.native_handle(); }
    void arm_read();
    void arm_write();
    void on_readable(const boost::system::error_code& error);
    void on_writable(const boost::system::error_code& error);

    Loop& loop;
    asio::posix::stream_descriptor descriptor;
    Waiter reader;
    Waiter writer;
    SocketStream* owner = nullptr;
    bool read_armed = false;
    bool write_armed = false;
    // Whether a receive is worth its syscall: false once one came back short.
    bool readable = true;
    bool writable = true;
};

class SocketStream : public Stream {
  public:
    SocketStream(Loop& loop, Fd fd);
    ~SocketStream() override;

    Result<std::size_t> try_read(std::span<char> into) final;
    asio::awaitable<Result<void>> wait_readable(Limit limit) final;
    asio::awaitable<Result<void>> wait_writable(Limit limit) final;
    void cancel(ErrorKind why) final;
    void clear_cancel() final { cancelled_.reset(); }
    void close() override;
    void shutdown_send() override;
    void reset_on_close() final;
    void watch_peer(std::function<void()> gone) final;
    void unwatch_peer() final { gone_ = nullptr; }

    // From the core: readable with nobody waiting.
    void readable_unattended();

  protected:
    // Reads without looking at bytes read ahead.
    [[nodiscard]] virtual Result<std::size_t> receive(std::span<char> into) = 0;
    // Bytes that are decoded already and need no readiness of the socket.
    [[nodiscard]] virtual bool has_pending() const { return false; }
    [[nodiscard]] std::optional<Error> refusal() const;
    [[nodiscard]] Fd release_fd();
    [[nodiscard]] SocketCore& core() { return *core_; }
    [[nodiscard]] bool open() const { return core_ != nullptr; }

    // TLS may need the other direction to go on.
    bool read_wants_write_ = false;
    bool write_wants_read_ = false;

  private:
    [[nodiscard]] asio::awaitable<Result<void>> at_once();
    [[nodiscard]] asio::awaitable<Result<void>> wait_input(Limit limit);
    [[nodiscard]] asio::awaitable<Result<void>> wait_output(Limit limit);
    [[nodiscard]] Result<void> outcome(Wake wake, const char* doing) const;
    void peer_is_gone();

    boost::intrusive_ptr<SocketCore> core_;
    std::optional<ErrorKind> cancelled_;
    std::function<void()> gone_;
    std::string ahead_;
    bool ended_ = false;  // the watch has seen the orderly end
};

// errno of a failed socket call as an Error.
[[nodiscard]] Error socket_error(int code, const char* doing);

// Defined in tls_stream.cpp.
[[nodiscard]] std::unique_ptr<Stream> make_tls_stream(Loop& loop, StreamParts parts);

}  // namespace ccr::net
