// SPDX-License-Identifier: MIT
// The one shape of an error towards clients: Anthropic's envelope.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace ccr::http {

// {"type":"error","error":{"type":T,"message":M},"request_id":R}; T from traits(error.kind), M is
// error.detail (not its causes, which may name internals). Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string error_body(const Error& error, std::string_view request_id);
// The same with a type of the caller's choice.
[[nodiscard]] std::string error_body(std::string_view type, std::string_view message,
                                     std::string_view request_id);

}  // namespace ccr::http
