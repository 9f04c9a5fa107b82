// SPDX-License-Identifier: MIT
// Brings together what the pure decision list needs (Router in force, session, custom router's
// answer, token count) and lets it decide. What a config does not use is not looked up.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/result.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/plan.hpp"
#include "daemon/route/scenario.hpp"

namespace ccr::proxy {

// The Router in force (session's, project's, else the config's) and, where something asks for it,
// the session. Before the others.
void look_up_router(Turn& turn);

// Whether nothing has to be waited for: then choose_at_once() does, else choose_route().
[[nodiscard]] bool routes_at_once(const Turn& turn);
[[nodiscard]] Result<route::Plan> choose_at_once(const Turn& turn);

// What a decision had to be looked up for.
struct Known {
    std::string custom;       // the custom router's answer
    std::int64_t tokens = 0;  // of input
    bool counted = false;     // exactly enough for the threshold; else an estimate
    std::int64_t last_input_tokens = 0;
};
[[nodiscard]] asio::awaitable<Result<route::Plan>> choose_route(Turn& turn, Known* known = nullptr);
// The same decision with its reasons.
[[nodiscard]] asio::awaitable<route::Explanation> explain_route(Turn& turn, Known& known);
// All of it, for those who do not mind a coroutine.
[[nodiscard]] asio::awaitable<Result<route::Plan>> choose(Turn& turn);

// After the answer: how large the session's request was, for its next one.
void remember_size(const Turn& turn);

}  // namespace ccr::proxy
