// SPDX-License-Identifier: MIT
// POST /v1/reload: reads the configuration again and says what came of it. The file is the one that
// the daemon was started with; nothing of it is taken from the request.
#include "daemon/control/verbs.hpp"

namespace ccr::control {
namespace {

constexpr Millis reload_limit{60'000};  // certificates are read anew
constexpr int conflict = 409;
constexpr int unprocessable = 422;

int status_of(const ReloadResult& result, bool draining) {
    if (result.ok) return 200;
    return draining ? conflict : unprocessable;
}

}  // namespace

asio::awaitable<void> post_reload(Desk& desk, http::Request&, http::Reply& reply) {
    net::CancelScope scope;
    reply.on_peer_gone([&scope] { scope.cancel(); });
    std::function<ReloadResult(Master&)> reload = [](Master& master) { return master.reload(); };
    auto result = co_await ask<ReloadResult>(reply.loop(), desk.office, std::move(reload),
                                             reload_limit, &scope);
    reply.on_peer_gone(nullptr);
    if (!result) {
        auto sent = co_await reply.send_error(result.error());
        if (!sent) reply.abort();
        co_return;
    }
    const bool draining = desk.office.facts().drain.has_value();
    const std::string body = to_json(*result);
    co_await send_json(reply, status_of(*result, draining), body);
}

}  // namespace ccr::control
