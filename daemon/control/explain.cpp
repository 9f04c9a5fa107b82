// SPDX-License-Identifier: MIT
// POST /v1/explain: which route and targets a Messages request would get now, and why. Nothing is
// sent to a provider; headers that routing looks at count as they would.
#include <algorithm>
#include <chrono>

#include "daemon/control/verbs.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/proxy/conversation.hpp"
#include "daemon/proxy/preview.hpp"
#include "daemon/proxy/routing.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::control {
namespace {

std::vector<Candidate> candidates_of(proxy::Turn& turn) {
    std::vector<Candidate> out;
    for (const proxy::Prospect& prospect : proxy::preview(turn)) {
        auto& entry = out.emplace_back();
        entry.tier = turn.snapshot->lineup.tiers().label(prospect.target);
        if (entry.tier.empty()) entry.tier = stats::other_tier;
        entry.provider = prospect.target.provider->config->name;
        entry.model = prospect.target.model;
        entry.asked = prospect.asked;
        entry.why = prospect.why;
        entry.opens_in_ms = prospect.opens.count();
    }
    return out;
}

asio::awaitable<ExplainResult> explain(proxy::Turn& turn) {
    ExplainResult out;
    out.requested_model = turn.requested_model;
    proxy::look_up_router(turn);
    proxy::Known known;
    auto explained = co_await proxy::explain_route(turn, known);
    out.input_tokens = known.tokens;
    out.tokens_exact = known.counted;
    for (auto& step : explained.steps)
        out.steps.push_back({std::string(step.rule), step.applies, std::move(step.why)});
    out.ok = explained.plan.has_value();
    if (!out.ok) {
        out.error = explained.plan.error().chain();
        co_return out;
    }
    turn.plan = std::move(*explained.plan);
    out.route = turn.plan.route;
    out.reason = turn.plan.reason;
    out.candidates = candidates_of(turn);
    co_return out;
}

}  // namespace

asio::awaitable<void> post_explain(Desk& desk, http::Request& request, http::Reply& reply) {
    proxy::Turn turn(desk.worker, request, reply, *dialect::find("anthropic"));
    auto decoded = turn.decode();
    if (!decoded) {
        auto sent = co_await reply.send_error(decoded.error());
        if (!sent) reply.abort();
        co_return;
    }
    const ExplainResult result = co_await explain(turn);
    const std::string body = to_json(result);
    co_await send_json(reply, 200, body);
}

}  // namespace ccr::control
