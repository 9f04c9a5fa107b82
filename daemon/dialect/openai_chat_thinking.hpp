// SPDX-License-Identifier: MIT
// Thinking and effort in each provider's own words. Private to the dialect.
#pragma once

#include "common/json.hpp"
#include "daemon/dialect/openai_chat_params.hpp"

namespace ccr::dialect::openai_chat {

// Writes the members that ask for thinking or against it. True if the model will think as far as
// we know.
bool write_thinking(const chat::Request& request, const EncodeOptions& options, ToolUseHints tools,
                    json::Writer& out);

}  // namespace ccr::dialect::openai_chat
