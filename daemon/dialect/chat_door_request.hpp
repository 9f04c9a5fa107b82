// SPDX-License-Identifier: MIT
// Parts of a client's Chat Completions request. Private to the door.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/chat/request.hpp"

namespace ccr::dialect::chat_door {

// `messages` to system and messages.
Result<void> decode_messages(json::Value messages, chat::Request& request);
// tools, functions, web_search_options, tool_choice, function_call, parallel_tool_calls.
Result<void> decode_tools(json::Value root, chat::Request& request);

}  // namespace ccr::dialect::chat_door
