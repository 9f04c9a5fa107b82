// SPDX-License-Identifier: MIT
// POST /v1/messages/count_tokens: from the provider where it speaks Anthropic's format, else our
// estimate. Clients send these by the dozen and wait, so it has to be quick and must not fail.
#include "common/json.hpp"
#include "common/log.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/dialect/anthropic.hpp"
#include "daemon/proxy/count.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/plan.hpp"
#include "daemon/route/token_estimate.hpp"

namespace ccr::api {
namespace {

std::string estimate_body(const chat::Request& chat) {
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("input_tokens").number(route::estimate_tokens(chat)).end_object();
    return body;
}

}  // namespace

asio::awaitable<void> post_count_tokens(proxy::Worker& worker, http::Request& request,
                                        http::Reply& reply) {
    const auto snapshot = worker.snapshot;
    const auto& door = *dialect::find("anthropic");
    chat::Request chat;
    auto decoded = dialect::anthropic::decode_count_request(std::move(request.body), chat);
    if (!decoded) {
        auto refused = co_await reply.send_error(decoded.error());
        if (!refused) reply.abort();
        co_return;
    }
    std::string body;
    const auto plan = route::plan(*snapshot->directory, chat.model);
    if (plan && plan->candidates.front().provider->dialect == &door) {
        auto counted = co_await proxy::count_upstream(worker, *snapshot, plan->candidates.front(),
                                                      chat, request.headers, reply);
        if (counted) {
            body = std::move(*counted);
        } else {
            log::debug("estimating tokens: " + proxy::printable(counted.error().chain()));
        }
    }
    if (body.empty()) body = estimate_body(chat);
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(200, headers, body);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
