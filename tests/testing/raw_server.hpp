// SPDX-License-Identifier: MIT
// A blocking server on a free loopback port, for tests that need a real peer: each connection runs
// the given function on a thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "daemon/net/fd.hpp"

namespace ccr::testing {

class RawServer {
  public:
    explicit RawServer(std::function<void(int fd)> serve);
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::size_t accepted() const;

  private:
    void accept_all();

    std::function<void(int)> serve_;
    net::Fd listener_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::thread> connections_;
    std::vector<int> open_;
    std::thread acceptor_;
};

// Blocking helpers; false or short at the end of the stream.
bool send_all(int fd, std::string_view bytes);
// Reads up to and including `mark`; whatever came if the stream ends first.
std::string read_until(int fd, std::string_view mark);
// Until the peer closes; true if by an orderly end.
bool read_to_end(int fd, std::string& out);
// A connected socket to 127.0.0.1.
net::Fd connect_to(std::uint16_t port);

}  // namespace ccr::testing
