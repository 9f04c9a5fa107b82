// SPDX-License-Identifier: MIT
// Which conversation a request belongs to, as a hash, for keeping it where its prompt cache is.
#pragma once

#include <cstdint>

#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

// The session that the client names, else what the conversation began with. Never 0. `target`: the
// one that the request was routed to. A client that goes over to another model, or takes another
// route for a while, goes on with that one and not where the conversation was before.
[[nodiscard]] std::uint64_t conversation_hash(const Turn& turn, std::uint64_t target);

}  // namespace ccr::proxy
