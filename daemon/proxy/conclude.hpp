// SPDX-License-Identifier: MIT
// How a request ends that has no answer: with a status while the client has seen nothing, with an
// event in its stream after that.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/result.hpp"
#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/client_stream.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

// An error of ours, or one that is put into our words.
[[nodiscard]] asio::awaitable<void> refuse(Turn& turn, const Error& cause);

// Whatever came of the last attempt; nothing is left to be done if it is settled.
[[nodiscard]] asio::awaitable<void> conclude(Turn& turn, ClientStream& client, Outcome& outcome);

}  // namespace ccr::proxy
