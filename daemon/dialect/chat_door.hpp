// SPDX-License-Identifier: MIT
// The Chat Completions format as clients speak it to us; for the table in dialects.cpp. Its other
// side, towards providers, is openai_chat_*.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/error_body.hpp"
#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect {

// {"error":{"message":…,"type":…,"param":null,"code":…}} and OpenAI's statuses: for every endpoint
// of theirs.
extern const ErrorForm openai_errors;
// The `code` of such an error; "server_error" where there is no better word.
[[nodiscard]] std::string_view openai_error_code(const Error& error);

namespace chat_door {

Result<void> decode_request(std::string body, chat::Request& request);

[[nodiscard]] std::unique_ptr<StreamWriter> stream_writer(const ReplyContext& context);
[[nodiscard]] std::unique_ptr<BodyWriter> body_writer(const ReplyContext& context);

// For a provider of the same format, see Dialect.
[[nodiscard]] bool can_splice(const chat::Request& request, const EncodeOptions& options);
Result<Encoded> splice(chat::Request& request, const EncodeOptions& options);
[[nodiscard]] std::unique_ptr<Tap> tap(const DecodeOptions& options);

constexpr std::string_view end_mark = "data: [DONE]\n\n";
[[nodiscard]] std::string error_frame(const Error& error, std::string_view request_id);

}  // namespace chat_door
}  // namespace ccr::dialect
