// SPDX-License-Identifier: MIT
// What transformers change about a request that is passed on in the client's own bytes. Private to
// the splice.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/chat/request.hpp"
#include "daemon/dialect/overlay.hpp"

namespace ccr::dialect::anthropic {

// The body with a larger max_tokens cut down to `cap`; 0: none.
[[nodiscard]] std::string with_cap(std::string body, std::int64_t cap);
// The body with all of the overlay but its thinking_tag laid over it.
[[nodiscard]] std::string with_overlay(std::string body, const Overlay& overlay);
// The client's body in which the latest thinking that goes by our seal is text between tags of that
// name. Empty if there is none.
[[nodiscard]] std::string with_tagged_thinking(const chat::Request& request, std::string_view tag);

}  // namespace ccr::dialect::anthropic
