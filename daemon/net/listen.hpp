// SPDX-License-Identifier: MIT
// Accepts on loop 0, from a socket bound here or inherited, and hands each connection to the loop
// with the fewest active streams.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/stream.hpp"

namespace ccr::net {

// A listening TCP socket on `host` (IP literal, "localhost", or "" and "*" for all addresses).
// Port 0 takes a free one. ErrorKind::io with a hint.
[[nodiscard]] Result<Fd> bind_tcp(std::string_view host, std::uint16_t port);
// A listening Unix socket with mode 0600 (or as given); replaces a stale socket file.
[[nodiscard]] Result<Fd> bind_unix(const std::string& path, unsigned mode = 0600);
// The port a socket is bound to; 0 for a Unix socket.
[[nodiscard]] std::uint16_t bound_port(int fd);
// Its address in words; empty for a socket without one.
[[nodiscard]] std::string bound_address(int fd);

// Runs on the connection's loop; keep the token for as long as the connection counts as active.
using OnAccept = std::function<void(Loop&, std::unique_ptr<Stream>, ActiveToken)>;

class Listener {
  public:
    // `fd` must be listening. Accepting begins with start().
    Listener(LoopPool& loops, Fd fd, OnAccept on_accept);
    ~Listener();  // close()
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start();
    // Stops accepting; open connections live on. From any thread.
    void close();
    [[nodiscard]] std::uint16_t port() const { return port_; }
    // "127.0.0.1:3456", "[::1]:3456", or a Unix socket's path.
    [[nodiscard]] const std::string& address() const { return address_; }

  private:
    struct State;
    std::shared_ptr<State> state_;
    std::uint16_t port_ = 0;
    std::string address_;
};

}  // namespace ccr::net
