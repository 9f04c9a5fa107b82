// SPDX-License-Identifier: MIT
// Who may talk to the daemon: Host and Origin allow-lists (against DNS rebinding and web pages) and
// the key. Pure decisions on a parsed request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/http/message.hpp"

namespace ccr::http {

struct GuardOptions {
    std::vector<std::string> allowed_hosts;  // besides loopback names; "host" or "host:port" or "*"
    Secret key;                              // empty: no key asked for
};

// Host header against loopback names and addresses (any port) and the list.
[[nodiscard]] bool host_allowed(std::string_view host_header,
                                const std::vector<std::string>& allowed);
// Origin header: absent is fine; else its host must pass host_allowed. "null" never does.
[[nodiscard]] bool origin_allowed(std::optional<std::string_view> origin,
                                  const std::vector<std::string>& allowed);
// x-api-key or Authorization: Bearer; either one right is enough. Constant time.
[[nodiscard]] bool key_matches(const Headers& headers, const Secret& key);

// The first objection: forbidden (Host, Origin) or unauthorized; nothing if the request may pass.
[[nodiscard]] std::optional<Error> check_access(const GuardOptions& options, const Request& request,
                                                bool need_key);

}  // namespace ccr::http
