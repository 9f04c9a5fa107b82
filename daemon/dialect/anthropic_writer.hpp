// SPDX-License-Identifier: MIT
// Replies in the Anthropic format. Private to the dialect; the table in dialects.cpp makes them
// reachable. What a context refers to has to outlive its writer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect {

[[nodiscard]] std::unique_ptr<StreamWriter> anthropic_stream_writer(const ReplyContext& context);
[[nodiscard]] std::unique_ptr<BodyWriter> anthropic_body_writer(const ReplyContext& context);

constexpr std::string_view anthropic_ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
constexpr std::string_view anthropic_end_mark =
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
// The terminal event of a stream that failed.
[[nodiscard]] std::string anthropic_error_frame(const Error& error, std::string_view request_id);

}  // namespace ccr::dialect
