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

// How much thinking the request asks for, `kind` being what thinking_kind() says; unset: it does
// not say.
[[nodiscard]] Effort asked_effort(const chat::Request& request, chat::ThinkingMode::Kind kind);
// What is sent for it: as much as the model knows, or what switches it off; unset: nothing is.
[[nodiscard]] Effort sent_effort(const Profile& profile, Effort wanted);
[[nodiscard]] std::string_view effort_word(Effort effort);
// The asked for budget in tokens, with room left for an answer; 0: none is asked for.
[[nodiscard]] std::int64_t thinking_budget(const chat::Request& request);

}  // namespace ccr::dialect::openai_chat
