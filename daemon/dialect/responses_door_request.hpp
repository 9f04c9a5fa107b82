// SPDX-License-Identifier: MIT
// Parts of a client's Responses request. Private to the door.
#pragma once

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/chat/request.hpp"

namespace ccr::dialect::responses_door {

// `input`, a text or a list of items, to system and messages. Tools that items bring along are
// added to the request's.
Result<void> decode_input(json::Value input, chat::Request& request);
// A list of tools, behind those that there are.
Result<void> decode_tools(json::Value tools, chat::Request& request);
Result<void> decode_tool_choice(json::Value choice, chat::Request& request);

// The name that a tool of a namespace has among all others.
[[nodiscard]] std::string_view flat_name(std::string_view space, std::string_view name,
                                         chat::Request& request);

}  // namespace ccr::dialect::responses_door
