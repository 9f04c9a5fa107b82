// SPDX-License-Identifier: MIT
// Replies that are no stream. Private to the decoders.
#pragma once

#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"

namespace ccr::dialect {

// The body as JSON, or what it is instead. The value is valid as long as body and document.
[[nodiscard]] Result<json::Value> parse_reply(std::string_view body, json::Document& document);

}  // namespace ccr::dialect
