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
};

[[nodiscard]] std::span<const Endpoint> endpoints();

// The handlers, by file.
asio::awaitable<void> post_messages(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> post_count_tokens(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_models(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_model(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_presets(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> preset_messages(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> preset_count_tokens(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> preset_models(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> preset_model(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> preset_hello(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_usage(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_latencies(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_metrics(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_health(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> get_hello(proxy::Worker&, http::Request&, http::Reply&);
asio::awaitable<void> not_offered(proxy::Worker&, http::Request&, http::Reply&);

}  // namespace ccr::api
