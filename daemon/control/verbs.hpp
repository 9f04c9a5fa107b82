// SPDX-License-Identifier: MIT
// What can be asked on the control channel: one file for each verb of its own, one row in
// verbs.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string_view>

#include "daemon/control/office.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/proxy/worker.hpp"

namespace ccr::control {

namespace asio = boost::asio;

// What a verb works with. Of the control channel's loop.
struct Desk {
    proxy::Worker& worker;
    Office& office;
    net::LoopPool& api_loops;
};

using Handler = asio::awaitable<void> (*)(Desk& desk, http::Request& request, http::Reply& reply);

struct Verb {
    std::string_view method;
    std::string_view pattern;
    Handler handler;
};

[[nodiscard]] std::span<const Verb> verbs();

// No web page may call: a browser that can be made to reach the socket sends an Origin.
[[nodiscard]] bool from_web_page(const http::Request& request);
asio::awaitable<void> refuse_web_page(http::Reply& reply);

// The handlers, by file.
asio::awaitable<void> get_status(Desk&, http::Request&, http::Reply&);
asio::awaitable<void> get_config(Desk&, http::Request&, http::Reply&);
asio::awaitable<void> get_events(Desk&, http::Request&, http::Reply&);
asio::awaitable<void> post_reload(Desk&, http::Request&, http::Reply&);
asio::awaitable<void> post_drain(Desk&, http::Request&, http::Reply&);
asio::awaitable<void> post_stop(Desk&, http::Request&, http::Reply&);
asio::awaitable<void> post_explain(Desk&, http::Request&, http::Reply&);

// The drain of the moment, `left` included.
[[nodiscard]] Drain drain_now(const Facts& facts, const proxy::Shared& shared);
// A whole JSON answer.
asio::awaitable<void> send_json(http::Reply& reply, int status, const std::string& body);

}  // namespace ccr::control
