// SPDX-License-Identifier: MIT
// POST /v1/responses, and what belongs to responses that a server keeps: here none is kept.
#include "daemon/api/endpoints.hpp"
#include "daemon/proxy/messages.hpp"

namespace ccr::api {
namespace {

asio::awaitable<void> refuse(http::Reply& reply, const Error& error) {
    const http::Headers headers{{"x-should-retry", "false"}};
    auto sent = co_await reply.send_error(error, headers);
    if (!sent) reply.abort();
}

}  // namespace

asio::awaitable<void> post_responses(proxy::Worker& worker, http::Request& request,
                                     http::Reply& reply) {
    co_await proxy::answer(worker, *dialect::find("openai-responses"), request, reply);
}

asio::awaitable<void> stored_response(proxy::Worker&, http::Request& request, http::Reply& reply) {
    const Error error(ErrorKind::not_found,
                      "response " + std::string(request.param("id")) +
                          " does not exist: responses are not stored here; send store: false and "
                          "all items as input");
    co_await refuse(reply, error);
}

// Codex tries a WebSocket first and goes on with POST when there is none.
asio::awaitable<void> response_socket(proxy::Worker&, http::Request&, http::Reply& reply) {
    const Error error(ErrorKind::not_found, "no WebSocket is offered here: use POST");
    co_await refuse(reply, error);
}

asio::awaitable<void> compact_responses(proxy::Worker&, http::Request&, http::Reply& reply) {
    const Error error(ErrorKind::not_supported,
                      "/v1/responses/compact is not offered by this router: let the client "
                      "summarise the conversation");
    co_await refuse(reply, error);
}

}  // namespace ccr::api
