// SPDX-License-Identifier: MIT
// REWRITE_SYSTEM_PROMPT: the owner's own text in place of what stands in front of "<env>".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/chat/request.hpp"

namespace ccr::route {

// The client's body with the first system text that holds "<env>" changed to `prompt`, "<env>" and
// what follows the last "<env>". Nothing if there is none.
[[nodiscard]] std::optional<std::string> with_system_prompt(const chat::Request& request,
                                                            std::string_view prompt);

}  // namespace ccr::route
