// SPDX-License-Identifier: MIT
// Everything of a Responses request but model and input. Private to the dialect.
#pragma once

#include "common/json.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/openai_chat_tools.hpp"

namespace ccr::dialect::responses {

// The members for tools and for which of them may be called; none if there are none.
void write_tools(chat::Request& request, const Profile& profile,
                 const openai_chat::ToolSection& tools, ToolNames& names, json::Writer& out);

// The scalar parameters. The format has none for stop sequences: all go to `encoded`.
void write_settings(chat::Request& request, const EncodeOptions& options, json::Writer& out,
                    Encoded& encoded);

}  // namespace ccr::dialect::responses
