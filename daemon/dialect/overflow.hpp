// SPDX-License-Identifier: MIT
// "The prompt is too long" and "you asked for too much output" in every provider's words, and back
// in the one wording that clients act on: they compact the conversation, or ask for less. Private
// to classify.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/provider_error.hpp"

namespace ccr::dialect {

// `haystack` is error.haystack(). Nothing if the error is about something else.
[[nodiscard]] std::optional<Error> read_overflow(const ProviderError& error,
                                                 std::string_view haystack,
                                                 const ClassifyContext& context);

}  // namespace ccr::dialect
