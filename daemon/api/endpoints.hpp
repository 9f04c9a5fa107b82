// SPDX-License-Identifier: MIT
// The public endpoints: one file each, one row in endpoints.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string_view>

#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/proxy/worker.hpp"

namespace ccr::api {

namespace asio = boost::asio;

using Handler = asio::awaitable<void> (*)(proxy::Worker& worker, http::Request& request,
                                          http::Reply& reply);

struct Endpoint {
    std::string_view method;
    std::string_view pattern;
    Handler handler;
    bool needs_key = true;
    const ErrorForm* errors = &anthropic_errors;  // of the format that its clients speak
};

[[nodiscard]] std::span<const Endpoint> endpoints();

// `handler` on the configuration of the preset that the path names; 404 where there is none.
asio::awaitable<void> in_preset(Handler handler, proxy::Worker& worker, http::Request& request,
                                http::Reply& reply);
// The same as a row of the table.
template <Handler handler>
asio::awaitable<void> preset(proxy::Worker& worker, http::Request& request, http::Reply& reply) {
    return in_preset(handler, worker, request, reply);
}

// The handlers, by file.
asio::awaitable<void> post_messages(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> post_count_tokens(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> post_chat_completions(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_models(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_model(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_presets(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_usage(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_latencies(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_metrics(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_health(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> post_responses(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> stored_response(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> response_socket(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> compact_responses(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_ui(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_hello(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> not_offered(proxy::Worker&, http::Request&, http::Reply&);

}  // namespace ccr::api
