// SPDX-License-Identifier: MIT
// GET /metrics: for Prometheus, in the format that it asks for.
#include "daemon/api/endpoints.hpp"
#include "daemon/api/moment.hpp"

namespace ccr::api {

asio::awaitable<void> get_metrics(proxy::Worker& worker, http::Request& request,
                                  http::Reply& reply) {
    const auto format = stats::format_for(request.headers.get("accept"));
    const std::string body = stats::metrics(moment(worker), CCR_VERSION, format);
    const http::Headers headers{{"content-type", stats::content_type(format)}};
    auto sent = co_await reply.send(200, headers, body);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
