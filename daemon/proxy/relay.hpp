// SPDX-License-Identifier: MIT
// A provider's successful answer on its way to the client. Four shapes: the client streams or not,
// the formats differ (events are decoded and written anew) or agree (bytes pass, only watched).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/http/message.hpp"
#include "daemon/proxy/attempt.hpp"

namespace ccr::proxy {

// Picks the shape.
[[nodiscard]] asio::awaitable<Outcome> relay(Attempt& attempt, const http::ResponseHead& head);

[[nodiscard]] asio::awaitable<Outcome> relay_stream(Attempt& attempt,
                                                    const http::ResponseHead& head);
[[nodiscard]] asio::awaitable<Outcome> relay_body(Attempt& attempt, const http::ResponseHead& head);
[[nodiscard]] asio::awaitable<Outcome> pass_stream(Attempt& attempt,
                                                   const http::ResponseHead& head);
[[nodiscard]] asio::awaitable<Outcome> pass_body(Attempt& attempt, const http::ResponseHead& head);

// Whether the answer comes as server-sent events (or says so wrongly: only JSON is taken for JSON).
[[nodiscard]] bool is_event_stream(const http::ResponseHead& head);

}  // namespace ccr::proxy
