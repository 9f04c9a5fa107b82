// SPDX-License-Identifier: MIT
// The one way to start a coroutine. An exception that leaves it is a defect: it is logged and
// counted (and ends the process in debug builds), never lost.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string_view>

#include "daemon/net/loop.hpp"

namespace ccr::net {

// `name` must be a literal. The coroutine's parameters must be values or owners: it outlives the
// caller. May be called from any thread; the coroutine runs on `loop`.
void spawn(Loop& loop, std::string_view name, asio::awaitable<void> task);

// Exceptions that escaped from spawned coroutines since start; anything but 0 is a defect.
[[nodiscard]] std::uint64_t escaped_exceptions();

}  // namespace ccr::net
