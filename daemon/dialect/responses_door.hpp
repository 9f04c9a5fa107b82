// SPDX-License-Identifier: MIT
// OpenAI's Responses format as clients speak it to us, Codex above all; for the table in
// dialects.cpp. Its other side, towards providers, is responses_{request,reply}.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect::responses_door {

// Conversations are not kept here: a request brings all of its own.
Result<void> decode_request(std::string body, chat::Request& request);

[[nodiscard]] std::unique_ptr<StreamWriter> stream_writer(const ReplyContext& context);
[[nodiscard]] std::unique_ptr<BodyWriter> body_writer(const ReplyContext& context);

// For a provider of the same format, see Dialect.
[[nodiscard]] bool can_splice(const chat::Request& request, const EncodeOptions& options);
Result<Encoded> splice(chat::Request& request, const EncodeOptions& options);
[[nodiscard]] std::unique_ptr<Tap> tap(const DecodeOptions& options);

// A whole stream that only says that it failed: clients take an end for one only when its event
// says so, and a failure only behind a beginning.
[[nodiscard]] std::string error_frame(const Error& error, std::string_view request_id);

}  // namespace ccr::dialect::responses_door
