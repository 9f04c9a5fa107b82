// SPDX-License-Identifier: MIT
// GET /v1/latencies: how soon each target answers and whether it is asked at all, best first.
#include "daemon/api/endpoints.hpp"
#include "daemon/api/moment.hpp"

namespace ccr::api {

asio::awaitable<void> get_latencies(proxy::Worker& worker, http::Request&, http::Reply& reply) {
    const std::string body = stats::latencies(target_health(worker));
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(200, headers, body);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
