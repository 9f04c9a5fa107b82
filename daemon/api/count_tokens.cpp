// SPDX-License-Identifier: MIT
// POST /v1/messages/count_tokens: from the provider where it speaks Anthropic's format, else
// counted here, exactly if that can be done now. Clients send these by the dozen and wait, so it
// has to be quick and must not fail.
#include "common/json.hpp"
#include "common/log.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/proxy/count.hpp"
#include "daemon/proxy/routing.hpp"
#include "daemon/proxy/token_counter.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::api {
namespace {

struct Count {
    std::int64_t tokens = 0;
    bool exact = false;
};

std::string count_body(std::int64_t tokens) {
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("input_tokens").number(tokens).end_object();
    return body;
}

// `target`: who the request would go to; nullptr if nobody. Only its vocabulary matters.
asio::awaitable<Count> count_here(proxy::Worker& worker, const route::Target* target,
                                  const chat::Request& chat, http::Reply& reply) {
    auto encoding = tokens::Encoding::o200k_base;
    std::string model;
    if (target != nullptr) {
        encoding = tokens::encoding_for(target->provider->config->tokenizer, target->model);
        model = target->provider->config->name + "," + target->model;
    }
    auto& counter = *worker.shared->tokens;
    net::CancelScope gone;
    reply.on_peer_gone([&gone] { gone.cancel(); });
    auto exact = co_await counter.exact(*worker.loop, chat, encoding, &gone);
    reply.on_peer_gone(nullptr);
    if (exact) co_return Count{exact->text + exact->media + exact->framing, true};
    const auto guess = counter.learned().tokens(model, tokens::estimate(chat));
    co_return Count{guess, false};
}

}  // namespace

asio::awaitable<void> post_count_tokens(proxy::Worker& worker, http::Request& request,
                                        http::Reply& reply) {
    const auto& door = *dialect::find("anthropic");
    proxy::Turn turn(worker, request, reply, door);
    auto decoded = turn.decode(proxy::Turn::Purpose::count);
    if (!decoded) {
        auto refused = co_await reply.send_error(decoded.error());
        if (!refused) reply.abort();
        co_return;
    }
    // The target that the request itself would go to. One that goes nowhere is counted all the
    // same.
    auto plan = co_await proxy::choose(turn);
    const route::Target* target = plan ? &plan->candidates.front() : nullptr;
    std::string body;
    if (target != nullptr && target->provider->dialect == &door) {
        auto counted = co_await proxy::count_upstream(worker, *turn.snapshot, *target, *turn.chat,
                                                      request.headers, reply);
        if (counted) {
            body = std::move(*counted);
        } else {
            log::debug("counting tokens here: " + proxy::printable(counted.error().chain()));
        }
    }
    http::Headers headers{{"content-type", "application/json"}};
    if (body.empty()) {
        const Count count = co_await count_here(worker, target, *turn.chat, reply);
        body = count_body(count.tokens);
        if (!count.exact) headers.add("x-ccr-warn", "input_tokens is an estimate");
    }
    auto sent = co_await reply.send(200, headers, body);
    if (!sent) reply.abort();
}

}  // namespace ccr::api
