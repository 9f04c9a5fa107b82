// SPDX-License-Identifier: MIT
// The story of a chat request, whichever door it came through.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/dialect/dialect.hpp"
#include "daemon/http/server.hpp"
#include "daemon/proxy/worker.hpp"

namespace ccr::proxy {

// Answers one request of the dialect `door`: decode → route → attempt, attempt … → answer.
[[nodiscard]] asio::awaitable<void> answer(Worker& worker, const dialect::Dialect& door,
                                           http::Request& request, http::Reply& reply);

}  // namespace ccr::proxy
