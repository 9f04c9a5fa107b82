// SPDX-License-Identifier: MIT
// From a planned request to its answer: pick a target, try it, and until the first content has gone
// to the client try again or elsewhere, as the retry plan says. What the client sees meanwhile is
// nothing, or pings.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

// `turn.plan` has at least one candidate. Every end is told to the client, to the health of the
// targets and to the counters.
[[nodiscard]] asio::awaitable<void> dispatch(Turn& turn);

}  // namespace ccr::proxy
