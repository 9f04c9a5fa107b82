// SPDX-License-Identifier: MIT
#include "daemon/proxy/routing.hpp"

#include "common/log.hpp"
#include "daemon/proxy/custom_router.hpp"
#include "daemon/proxy/token_counter.hpp"
#include "daemon/route/scenario.hpp"
#include "daemon/route/session.hpp"
#include "daemon/route/token_estimate.hpp"

namespace ccr::proxy {
namespace {

using Kind = config::CustomRouter::Kind;

const config::Router& router_of(const Turn& turn) {
    return turn.router ? *turn.router : turn.snapshot->config().router;
}

bool has_custom_router(const Turn& turn) {
    return turn.snapshot->config().custom_router.kind != Kind::none;
}

route::Inquiry inquiry_of(const Turn& turn) {
    route::Inquiry inquiry;
    inquiry.requested = turn.requested_model;
    inquiry.door = &turn.door;
    inquiry.chat = turn.chat.get();
    inquiry.router = &router_of(turn);
    inquiry.subagent_model = turn.subagent_model;
    return inquiry;
}

// The loop's hook, made anew with a new configuration. Requests in flight keep the old one.
std::shared_ptr<CustomRouter> custom_router_of(Turn& turn) {
    Worker& worker = turn.worker;
    const bool same = !worker.custom_router_of.owner_before(turn.snapshot) &&
                      !turn.snapshot.owner_before(worker.custom_router_of);
    if (!worker.custom_router || !same) {
        worker.custom_router =
            std::make_shared<CustomRouter>(*worker.loop, turn.snapshot->config(), *worker.stats);
        worker.custom_router_of = turn.snapshot;
    }
    return worker.custom_router;
}

asio::awaitable<std::string> ask_custom_router(Turn& turn) {
    const auto hook = custom_router_of(turn);
    const Question question{*turn.chat, turn.http.headers, turn.session,
                            route::estimate_tokens(*turn.chat)};
    OnGone on_gone = [&turn](std::function<void()> action) {
        turn.reply.on_peer_gone(std::move(action));
    };
    auto answer = co_await hook->ask(question, std::move(on_gone));
    if (answer.empty()) co_return answer;
    const auto named = route::named_target(*turn.snapshot->directory, answer);
    if (named && *named) {
        hook->followed();
        co_return answer;
    }
    hook->complain("it named \"" + printable(answer) + "\", which is no target here");
    co_return std::string();
}

// Tokens as the model that long requests leave by default counts them.
asio::awaitable<std::int64_t> count_tokens(Turn& turn, std::int64_t threshold) {
    const auto& target = router_of(turn).default_target;
    const auto* provider = turn.snapshot->config().find_provider(target.provider);
    const json5::Value none;
    const auto& tokenizer = provider != nullptr ? provider->tokenizer : none;
    const auto encoding = tokens::encoding_for(tokenizer, target.model);
    const std::string key = target.provider + "," + target.model;
    turn.estimate = std::make_unique<tokens::Estimate>(tokens::estimate(*turn.chat));
    net::CancelScope scope;
    turn.reply.on_peer_gone([&scope] { scope.cancel(); });
    const TokenCounter::Question question{*turn.estimate, key, encoding, threshold};
    const auto counted = co_await turn.worker.shared->tokens->compare(*turn.worker.loop, *turn.chat,
                                                                      question, &scope);
    turn.reply.on_peer_gone(nullptr);
    turn.size_is_a_guess = !counted.sure;
    co_return counted.tokens;
}

}  // namespace

void look_up_router(Turn& turn) {
    const auto now = Clock::now();
    const bool overridden = turn.worker.overrides.any(now);
    const auto& config = turn.snapshot->config();
    const bool wanted =
        overridden || has_custom_router(turn) || !config.router.long_context.empty();
    if (!wanted) return;
    turn.session =
        route::session_id(turn.http.headers.get("x-claude-code-session-id"), turn.chat->user_id);
    if (!overridden) return;
    const std::shared_ptr<const Config> alias(turn.snapshot, &config);
    turn.router = turn.worker.overrides.find(turn.session, alias, now);
}

bool routes_at_once(const Turn& turn) {
    return router_of(turn).long_context.empty() && !has_custom_router(turn);
}

Result<route::Plan> choose_at_once(const Turn& turn) {
    return route::decide(*turn.snapshot->directory, inquiry_of(turn));
}

asio::awaitable<Result<route::Plan>> choose_route(Turn& turn, Known* known) {
    auto inquiry = inquiry_of(turn);
    Known own;
    Known& found = known != nullptr ? *known : own;
    if (has_custom_router(turn)) found.custom = co_await ask_custom_router(turn);
    inquiry.custom_answer = found.custom;
    // A count may have to wait for another thread: decide once to see whether anybody asks for it.
    std::int64_t threshold = -1;
    inquiry.tokens = [&](std::int64_t limit) {
        threshold = limit;
        return found.counted ? found.tokens : -1;
    };
    auto plan = route::decide(*turn.snapshot->directory, inquiry);
    if (threshold < 0) co_return plan;
    found.tokens = co_await count_tokens(turn, threshold);
    found.counted = true;
    found.last_input_tokens = turn.worker.shared->session_usage.last(turn.session);
    inquiry.last_input_tokens = found.last_input_tokens;
    co_return route::decide(*turn.snapshot->directory, inquiry);
}

asio::awaitable<route::Explanation> explain_route(Turn& turn, Known& known) {
    auto plan = co_await choose_route(turn, &known);
    static_cast<void>(plan);  // it is made again below, from the same, with its reasons
    if (!known.counted) known.tokens = route::estimate_tokens(*turn.chat);
    auto inquiry = inquiry_of(turn);
    inquiry.custom_answer = known.custom;
    inquiry.last_input_tokens = known.last_input_tokens;
    if (known.counted) inquiry.tokens = [&known](std::int64_t) { return known.tokens; };
    co_return route::explain(*turn.snapshot->directory, inquiry);
}

asio::awaitable<Result<route::Plan>> choose(Turn& turn) {
    look_up_router(turn);
    if (routes_at_once(turn)) co_return choose_at_once(turn);
    co_return co_await choose_route(turn);
}

void remember_size(const Turn& turn) {
    if (turn.keeps_request) return;  // several rounds' tokens say nothing about one request
    const auto& usage = turn.usage;
    const std::int64_t input = usage.input_tokens + usage.cache_read_tokens.value_or(0) +
                               usage.cache_creation_tokens.value_or(0);
    if (turn.estimate && turn.target != nullptr && !usage.estimated) {
        const std::string key = turn.target->provider->config->name + "," + turn.target->model;
        turn.worker.shared->tokens->learned().learn(key, *turn.estimate, input);
    }
    if (turn.session.empty() || router_of(turn).long_context.empty()) return;
    if (input > 0) turn.worker.shared->session_usage.record(turn.session, input);
}

}  // namespace ccr::proxy
