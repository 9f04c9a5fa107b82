// SPDX-License-Identifier: MIT
// What a provider's own tools did in earlier turns, told in words: for providers that have no such
// blocks. Pure text, so that no call is left without its result.
#pragma once

#include <string>

#include "daemon/chat/request.hpp"

namespace ccr::dialect {

// JSON-escaped; empty for blocks that have nothing to tell and for all other kinds of blocks.
[[nodiscard]] std::string history_text(const chat::Block& block);

}  // namespace ccr::dialect
