// SPDX-License-Identifier: MIT
// The head of an upstream request, and whether it may be sent. Private to http/.
#pragma once

#include <string>

#include "daemon/http/client.hpp"

namespace ccr::http {

// Request line and all header fields, with Host and Content-Length added.
[[nodiscard]] std::string request_head(const ClientRequest& request);
// False if a blank or line break in the target or a field would change the request's meaning.
[[nodiscard]] bool safe_head(const ClientRequest& request);

}  // namespace ccr::http
