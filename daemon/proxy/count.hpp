// SPDX-License-Identifier: MIT
// Token counts from a provider that has an endpoint for them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "daemon/chat/request.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/proxy/worker.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::proxy {

// The provider's answer body, as it is. Any failure is a reason to estimate instead.
[[nodiscard]] asio::awaitable<Result<std::string>> count_upstream(
    Worker& worker, const Snapshot& snapshot, const route::Target& target, chat::Request& request,
    const http::Headers& client, http::Reply& reply);

}  // namespace ccr::proxy
