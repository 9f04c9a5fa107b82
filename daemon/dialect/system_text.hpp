// SPDX-License-Identifier: MIT
// The system prompt's texts as providers other than Anthropic get them. Private to the encoders.
#pragma once

#include <string_view>

namespace ccr::dialect {

// An escaped text without the line that differs from conversation to conversation and would keep
// providers from finding their cached prefix.
[[nodiscard]] std::string_view without_billing_header(std::string_view escaped);

}  // namespace ccr::dialect
