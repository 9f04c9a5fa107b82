// SPDX-License-Identifier: MIT
// GET /health: whether to send requests here. Never asks for a key, tells no configuration.
#include "common/json.hpp"
#include "common/text.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/api/moment.hpp"

namespace ccr::api {
namespace {

// Degraded: no tier would be asked now but as a last resort. Clients get the providers' own errors
// then, which tell more than a refusal here would.
bool degraded(const proxy::Worker& worker) {
    const auto& tiers = worker.snapshot->slots.tiers();
    std::size_t down = 0;
    for (const auto& target : target_health(worker)) {
        const bool up =
            target.state == "healthy" || target.state == "unknown" || target.state == "probing";
        if (!up && target.tier != stats::other_tier) ++down;
    }
    return !tiers.empty() && down == tiers.size();
}

}  // namespace

asio::awaitable<void> get_health(proxy::Worker& worker, http::Request& request,
                                 http::Reply& reply) {
    const bool draining = worker.shared->draining.load(std::memory_order_relaxed);
    const int status = draining ? 503 : 200;
    const std::string_view word = draining ? "draining" : degraded(worker) ? "degraded" : "ok";
    if (icontains(request.headers.get("accept"), "text/plain")) {
        const http::Headers headers{{"content-type", "text/plain; charset=utf-8"}};
        auto sent = co_await reply.send(status, headers, word);
        if (!sent) reply.abort();
        co_return;
    }
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("status").string(word);
    writer.key("version").string(CCR_VERSION);
    writer.key("active_requests")
        .number(static_cast<std::int64_t>(worker.shared->streams.load(std::memory_order_relaxed)));
    writer.end_object();
    const http::Headers headers{{"content-type", "application/json"}};
    auto sent = co_await reply.send(status, headers, body);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
