// SPDX-License-Identifier: MIT
// Which headers cross the router. Nothing crosses that is not named here: a client's credentials
// never reach a provider, a provider's cookies never reach a client.
#pragma once

#include "common/config/model.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/http/message.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::proxy {

// Client → provider: credentials of ours (the provider's key of that index), and for a pass-through
// the client's own protocol headers. `token`: of a provider that is reached with a Google account.
[[nodiscard]] http::Headers upstream_headers(const route::Provider& provider,
                                             const http::Headers& client, bool stream,
                                             bool pass_through, std::size_t credential = 0,
                                             std::string_view token = {});

// Provider → client, for a pass-through: request id and rate limit headers.
void keep_upstream_headers(const http::Headers& upstream, http::Headers& to);

}  // namespace ccr::proxy
