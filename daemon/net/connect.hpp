// SPDX-License-Identifier: MIT
// A TCP connection to the first of several addresses that answers (RFC 8305: families interleaved,
// the next attempt after 250 ms or on failure, all in one deadline).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "common/result.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/net/resolve.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::net {

// Order of attempts: families alternate, starting with the first address's own.
[[nodiscard]] std::vector<Endpoint> interleave(std::vector<Endpoint> addresses);

// A non-blocking socket with TCP_NODELAY and keep-alive. Errors: connect (with the last address and
// reason), timeout, cancelled.
[[nodiscard]] asio::awaitable<Result<Fd>> connect_any(Loop& loop, std::vector<Endpoint> addresses,
                                                      Limit limit, CancelScope* scope);

// Harmless on a Unix socket.
void set_no_delay(int fd);
// Probes that find a peer whose machine or network has vanished.
void set_keep_alive(int fd);

}  // namespace ccr::net
