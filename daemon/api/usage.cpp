// SPDX-License-Identifier: MIT
// GET /v1/usage: what has been served since counting began, restarts included. ?by=tier (default)
// or ?by=model.
#include "daemon/api/endpoints.hpp"
#include "daemon/api/moment.hpp"

namespace ccr::api {
namespace {

Result<stats::GroupBy> grouping(const http::Request& request) {
    // An answer for another span than the one asked for would be a wrong answer.
    if (request.query_param("since")) {
        return Error(ErrorKind::invalid_request,
                     "since: usage is kept in sum only, from the time that `since` in the answer "
                     "tells");
    }
    const auto by = request.query_param("by").value_or("tier");
    if (by == "tier") return stats::GroupBy::tier;
    if (by == "model") return stats::GroupBy::model;
    return Error(ErrorKind::invalid_request, "by: expected tier or model");
}

}  // namespace

asio::awaitable<void> get_usage(proxy::Worker& worker, http::Request& request, http::Reply& reply) {
    const auto by = grouping(request);
    Result<void> sent;
    if (by) {
        const std::string body = stats::usage(moment(worker), *by);
        const http::Headers headers{{"content-type", "application/json"}};
        sent = co_await reply.send(200, headers, body);
    } else {
        sent = co_await reply.send_error(by.error());
    }
    if (!sent) reply.abort();
}

}  // namespace ccr::api
