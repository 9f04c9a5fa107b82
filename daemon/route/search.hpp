// SPDX-License-Identifier: MIT
// Who searches the web for a request that wants it, at a given target.
#pragma once

#include <cstdint>

#include "daemon/chat/request.hpp"
#include "daemon/route/plan.hpp"
#include "daemon/route/speech.hpp"

namespace ccr::route {

enum class SearchBy : std::uint8_t {
    nobody,    // the tool is left out
    provider,  // it has a search of its own
    echo,      // so it has, and wants to be given back what it calls it with
    router,    // the model calls a function, and the router asks a search engine
};

// `speech` is how the request is put to the target.
[[nodiscard]] SearchBy search_by(const Target& target, const Speech& speech,
                                 const config::WebSearch& engine);
// Whether anybody does. The request has a web search tool.
[[nodiscard]] bool can_search(const Target& target, const chat::Request& request,
                              const dialect::Dialect& door, const config::WebSearch& engine);

// What a client is told whose search nobody can make.
[[nodiscard]] Error no_search(const Target& target);

}  // namespace ccr::route
