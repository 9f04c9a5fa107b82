// SPDX-License-Identifier: MIT
// Content blocks of the Anthropic format, read into the neutral model. Private to the dialect.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/chat/request.hpp"

namespace ccr::dialect::anthropic {

// Where in the request we are, for error messages: "messages.3.content.0". A list on the stack;
// its text is made only when something is wrong.
struct Place {
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

    const Place* outer = nullptr;
    std::string_view key;
    std::size_t index = no_index;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] Error wrong(std::string_view field, std::string_view what) const;
};

// A string or an array of blocks; empty texts are left out. Unknown block types become Opaque.
Result<void> decode_content(json::Value content, const Place& place, chat::Request& request,
                            chat::Blocks& out);

// One tool definition.
Result<void> decode_tool(json::Value source, const Place& place, chat::Request& request);

}  // namespace ccr::dialect::anthropic
