// SPDX-License-Identifier: MIT
// A client's web search tool, and how each provider is asked for its own. Private to the dialects.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

// What the tool asks for, in whichever format it came.
struct SearchTool {
    json::Value max_uses;
    json::Value allowed;   // domains
    json::Value blocked;   // domains
    json::Value location;  // city, region, country, timezone
    bool forced = false;   // the request is about nothing else
};

// The request's web search tool, or null.
[[nodiscard]] const chat::Tool* search_tool(const chat::Request& request);
[[nodiscard]] SearchTool read_search_tool(const chat::Request& request, const chat::Tool& tool);
// Warns of what the provider's search cannot be told.
void warn_of_search_options(chat::Request& request, const SearchTool& search, WebSearch how);

// The location as both Anthropic and OpenAI spell it.
void write_location(json::Writer& out, json::Value location);
// Chat Completions: the element of `tools`, empty if the search is not asked for there …
[[nodiscard]] std::string search_element(const SearchTool& search, WebSearch how);
// … and members of the body.
void write_search_members(json::Writer& out, const SearchTool& search, WebSearch how);

}  // namespace ccr::dialect
