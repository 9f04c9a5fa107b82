// SPDX-License-Identifier: MIT
// Answers that need no provider.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {

// To max_tokens 0, with which clients warm a provider's prompt cache: nothing, stopped by the
// limit. Providers other than Anthropic refuse such a request.
[[nodiscard]] asio::awaitable<void> answer_prewarm(Turn& turn);

}  // namespace ccr::proxy
