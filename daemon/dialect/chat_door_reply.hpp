// SPDX-License-Identifier: MIT
// Pieces of Chat Completions replies that streams and bodies share. Private to the door.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/dialect/block_machine.hpp"

namespace ccr::dialect::chat_door {

// "chatcmpl-…" for "msg_…".
[[nodiscard]] std::string completion_id(std::string_view message_id);
[[nodiscard]] std::string_view finish_word(chat::Stop stop);
// The counts as a whole object.
void write_usage(json::Writer& writer, const chat::Usage& usage);
// A thinking block as an element of reasoning_details: clients give the list back as it is, and the
// decoder makes the block of it again. `text` is escaped.
void write_detail(json::Writer& writer, std::string_view text, std::string_view sealed,
                  std::int64_t index);
// Whether the client declared the tool of that name as a custom one.
[[nodiscard]] bool is_freeform(const chat::Request* request, std::string_view name);

}  // namespace ccr::dialect::chat_door
