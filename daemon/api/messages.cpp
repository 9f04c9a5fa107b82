// SPDX-License-Identifier: MIT
// POST /v1/messages
#include "daemon/proxy/messages.hpp"
#include "daemon/api/endpoints.hpp"

namespace ccr::api {

asio::awaitable<void> post_messages(proxy::Worker& worker, http::Request& request,
                                    http::Reply& reply) {
    co_await proxy::answer(worker, *dialect::find("anthropic"), request, reply);
}

}  // namespace ccr::api
