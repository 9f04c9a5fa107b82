// SPDX-License-Identifier: MIT
// How many tokens a request is, where a plain number will do: see daemon/tokens/estimate.hpp.
#pragma once

#include <cstdint>

#include "daemon/chat/request.hpp"

namespace ccr::route {

// System, messages, tools and framing; media by size formulas, not as text.
[[nodiscard]] std::int64_t estimate_tokens(const chat::Request& request);
// One text, given as a JSON-escaped slice.
[[nodiscard]] double estimate_text(std::string_view escaped);
// From the size alone, where any figure will do until the provider reports its own.
[[nodiscard]] std::int64_t estimate_from_size(std::size_t bytes);

}  // namespace ccr::route
