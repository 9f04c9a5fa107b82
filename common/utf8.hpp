// SPDX-License-Identifier: MIT
// UTF-8 and the surrogate escapes of JSON texts. Some clients send lone surrogates or broken bytes;
// JavaScript peers accept them, so we replace them by U+FFFD instead of refusing the request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ccr::utf8 {

void append(std::string& out, std::uint32_t code_point);
[[nodiscard]] bool valid(std::string_view bytes);
// Length of the longest prefix of `bytes` that does not end inside a sequence.
[[nodiscard]] std::size_t complete_prefix(std::string_view bytes);

// Replaces unpaired surrogate escapes and invalid bytes in a JSON text by U+FFFD.
void repair_json(std::string& text);

}  // namespace ccr::utf8
