// SPDX-License-Identifier: MIT
// Connections to a server on a Unix socket, whatever the origin's name.
#pragma once

#include <memory>
#include <string>

#include "daemon/net/pool.hpp"

namespace ccr::net {

class UnixDialer final : public Dialer {
  public:
    explicit UnixDialer(std::string path) : path_(std::move(path)) {}
    // Errors: connect, io. Does not wait: a socket whose queue is full counts as refused.
    [[nodiscard]] asio::awaitable<Result<std::unique_ptr<Stream>>> dial(
        Loop& loop, const Origin& origin, Limit limit, CancelScope& scope) override;

  private:
    std::string path_;
};

}  // namespace ccr::net
