// SPDX-License-Identifier: MIT
// Requests from Anthropic clients to Anthropic-compatible providers: the client's own bytes with as
// little changed as possible. Signatures, cache prefixes and fields that this version does not know
// all depend on the bytes, so nothing is re-serialised.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/overlay.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

struct SpliceOptions {
    std::string_view model;            // the provider's name for it
    std::optional<bool> force_stream;  // overrides the client's `stream`
    AnthropicLevel level = AnthropicLevel::full;
    bool model_in_url = false;  // Vertex AI: the body names the format's version in its place
    std::string_view envelope_key = {};  // whatever bears our seal goes, even if forged
    std::int64_t max_output_tokens = 0;  // the model's cap, 0 = unknown
    const Overlay* overlay = nullptr;    // what the target's transformers change; null: nothing
};

// The body to send. `model` (and `stream` if forced) are replaced, thinking that Anthropic did not
// sign is left out, and searches that we made are told in words. For providers below
// AnthropicLevel::full, what they are known to refuse is left out or put into words of the older
// format as well.
[[nodiscard]] std::string splice(const chat::Request& request, const SpliceOptions& options);

// Why a provider of that level cannot serve the request at all, if so (fields that must not be
// ignored). Check before splice().
[[nodiscard]] std::optional<Error> unspliceable(const chat::Request& request, AnthropicLevel level);

// Both at once, for the table of dialects.
[[nodiscard]] Result<Encoded> anthropic_splice(chat::Request& request,
                                               const EncodeOptions& options);

}  // namespace ccr::dialect
