// SPDX-License-Identifier: MIT
// POST /v1/chat/completions
#include "daemon/api/endpoints.hpp"
#include "daemon/proxy/messages.hpp"

namespace ccr::api {

asio::awaitable<void> post_chat_completions(proxy::Worker& worker, http::Request& request,
                                            http::Reply& reply) {
    co_await proxy::answer(worker, *dialect::find("openai"), request, reply);
}

}  // namespace ccr::api
