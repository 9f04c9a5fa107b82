// SPDX-License-Identifier: MIT
// What images and documents cost in tokens, by their size and not as text. Anthropic's formula:
// width × height / 750 after fitting into 1568 pixels, at most 1600; other providers are near it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/chat/request.hpp"

namespace ccr::tokens {

struct PixelSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

// Of a PNG, JPEG, GIF or WebP, from its first bytes; none where they are not understood.
[[nodiscard]] std::optional<PixelSize> image_size(std::string_view base64);

// An image whose size is not known (a URL, a file id) counts as a large one.
[[nodiscard]] double image_tokens(const chat::Media& source);
[[nodiscard]] double document_tokens(const chat::Media& source);

}  // namespace ccr::tokens
