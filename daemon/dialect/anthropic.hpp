// SPDX-License-Identifier: MIT
// The Anthropic Messages dialect's functions, for the table in dialects.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect::anthropic {

Result<void> decode_request(std::string body, chat::Request& request);
// The same without max_tokens: what count_tokens takes.
Result<void> decode_count_request(std::string body, chat::Request& request);

// From clients of other formats; a client of this one is spliced (anthropic_splice.hpp).
Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options);

}  // namespace ccr::dialect::anthropic
