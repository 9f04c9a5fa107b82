// SPDX-License-Identifier: MIT
// OpenAI's Responses format as a provider's language: functions for the table in dialects.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect::responses {

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options);

[[nodiscard]] std::unique_ptr<ReplyDecoder> reply_decoder(const DecodeOptions& options);

[[nodiscard]] Error classify(int status, const std::vector<HeaderField>& headers,
                             std::string_view body, const ClassifyContext& context);
// A reply object with an `error`, or an error event.
[[nodiscard]] Error classify_frame(json::Value frame, const ClassifyContext& context);

// A reasoning item as it travels in a sealed envelope (see envelope.hpp) and comes back to stand in
// front of what it led to. Both are the provider's own words; the id may be empty.
struct ReasoningItem {
    std::string id;
    std::string encrypted_content;
};
[[nodiscard]] std::string pack(const ReasoningItem& item);
// Nothing if the payload is another kind's.
[[nodiscard]] std::optional<ReasoningItem> unpack(std::string_view payload);

}  // namespace ccr::dialect::responses
