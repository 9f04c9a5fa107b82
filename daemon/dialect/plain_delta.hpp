// SPDX-License-Identifier: MIT
// The short way for the bulk of a stream: a chunk that holds one piece of text or of reasoning and
// nothing else of interest. Reading just that takes a fraction of the time of a parse.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/chat/request.hpp"

namespace ccr::dialect {

struct PlainDelta {
    chat::Escaped text;       // at most one of the two is not empty
    chat::Escaped reasoning;  // both slices of the chunk
};

// Nothing if the chunk is anything else, or not quite as expected: parse it then. What is given is
// fit to be copied into another JSON text.
[[nodiscard]] std::optional<PlainDelta> read_plain_delta(std::string_view chunk);

}  // namespace ccr::dialect
