// SPDX-License-Identifier: MIT
// Tools that Anthropic defines by a dated type instead of a schema, but that the client runs:
// other providers get them as functions with these schemas.
#pragma once

#include <string_view>

namespace ccr::dialect {

struct ClientTool {
    std::string_view type;         // what the tool's type begins with
    std::string_view name;         // used when the definition names none
    std::string_view description;  // JSON-escaped
    std::string_view parameters;   // JSON
    bool needs_images = false;
};

// Null for tools that the provider would have to run (web search, code execution …) and unknown
// ones.
[[nodiscard]] const ClientTool* client_tool(std::string_view type);

}  // namespace ccr::dialect
