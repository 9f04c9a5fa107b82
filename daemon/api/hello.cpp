// SPDX-License-Identifier: MIT
// HEAD and GET of / and /api/hello: what clients probe for when they start.
#include "daemon/api/endpoints.hpp"

namespace ccr::api {

asio::awaitable<void> get_hello(proxy::Worker&, http::Request&, http::Reply& reply) {
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(200, headers, R"({"message":"ccrd is running"})");
    if (!sent) reply.abort();
}

}  // namespace ccr::api
