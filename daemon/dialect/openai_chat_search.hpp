// SPDX-License-Identifier: MIT
// Where providers of the Chat Completions format put what their searches found. Private to the
// dialect.
#pragma once

#include <string_view>

#include "common/json.hpp"
#include "daemon/dialect/search_notes.hpp"

namespace ccr::dialect {

// Members of a reply or chunk itself. True if the member was one.
bool note_results(std::string_view key, json::Value value, SearchNotes& notes);
// Groq's list of the tools that it ran, in a delta or message: each search is told at once.
void tell_executed_tools(json::Value tools, SearchNotes& notes, chat::EventSink& sink);

}  // namespace ccr::dialect
