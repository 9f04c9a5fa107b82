// SPDX-License-Identifier: MIT
// Endpoints of the Anthropic API that a router to other providers cannot serve. Said at once and
// for good, so that clients do not try again.
#include "daemon/api/endpoints.hpp"

namespace ccr::api {

asio::awaitable<void> not_offered(proxy::Worker&, http::Request& request, http::Reply& reply) {
    const Error error(ErrorKind::not_supported,
                      std::string(request.path()) + " is not offered by this router");
    const http::Headers headers{{"x-should-retry", "false"}};
    auto sent = co_await reply.send_error(error, headers);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
