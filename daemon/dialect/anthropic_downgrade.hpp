// SPDX-License-Identifier: MIT
// Edits that make today's Anthropic requests fit for servers that know an older state of the
// format. Private to anthropic_splice.cpp.
#pragma once

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/json_edit.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect::anthropic {

// A thinking or redacted_thinking block that carries our own seal.
[[nodiscard]] bool sealed_by_us(json::Value block);

// All edits but those to `model` and `stream`.
void downgrade(const chat::Request& request, AnthropicLevel level, JsonEdit& edit);

}  // namespace ccr::dialect::anthropic
