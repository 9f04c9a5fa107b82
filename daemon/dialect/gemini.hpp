// SPDX-License-Identifier: MIT
// Google's generateContent format, as the Gemini API and Vertex AI speak it: functions for the
// table in dialects.cpp.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect::gemini {

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options);

[[nodiscard]] std::unique_ptr<ReplyDecoder> reply_decoder(const DecodeOptions& options);

[[nodiscard]] Error classify(int status, const std::vector<HeaderField>& headers,
                             std::string_view body, const ClassifyContext& context);

// How a thought signature is marked inside a sealed envelope, see envelope.hpp: it came with the
// part that follows its thinking block, or with the text in front of it.
constexpr char signature_of_next = 'x';
constexpr char signature_of_text_before = 'p';

}  // namespace ccr::dialect::gemini
