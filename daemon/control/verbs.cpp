// SPDX-License-Identifier: MIT
#include "daemon/control/verbs.hpp"

#include <array>

#include "common/control/channel.hpp"
#include "daemon/api/endpoints.hpp"

namespace ccr::control {
namespace {

// What the API port offers as well.
template <api::Handler handler>
asio::awaitable<void> as_api(Desk& desk, http::Request& request, http::Reply& reply) {
    return handler(desk.worker, request, reply);
}

constexpr std::array<Verb, 13> table{{
    {"GET", endpoint::status, get_status},
    {"GET", endpoint::usage, as_api<api::get_usage>},
    {"GET", endpoint::latencies, as_api<api::get_latencies>},
    {"GET", endpoint::config, get_config},
    {"GET", endpoint::events, get_events},
    {"GET", endpoint::metrics, as_api<api::get_metrics>},
    {"GET", endpoint::models, as_api<api::get_models>},
    {"GET", endpoint::presets, as_api<api::get_presets>},
    {"GET", "/health", as_api<api::get_health>},
    {"POST", endpoint::reload, post_reload},
    {"POST", endpoint::drain, post_drain},
    {"POST", endpoint::stop, post_stop},
    {"POST", endpoint::explain, post_explain},
}};

}  // namespace

std::span<const Verb> verbs() {
    return table;
}

bool from_web_page(const http::Request& request) {
    return request.headers.has("origin");
}

asio::awaitable<void> refuse_web_page(http::Reply& reply) {
    const Error error(ErrorKind::forbidden, "web pages may not use the control channel");
    auto sent = co_await reply.send_error(error);
    if (!sent) reply.abort();
}

asio::awaitable<void> send_json(http::Reply& reply, int status, const std::string& body) {
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(status, headers, body);
    if (!sent) reply.abort();
}

}  // namespace ccr::control
