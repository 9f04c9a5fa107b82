// SPDX-License-Identifier: MIT
// Pieces of Anthropic replies that streams, bodies and errors share.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/dialect/block_machine.hpp"

namespace ccr::dialect::anthropic {

[[nodiscard]] std::string_view stop_word(chat::Stop stop);

// `,"stop_reason":…,"stop_sequence":…,"stop_details":…` as members of the object being written.
void write_ending(json::Writer& writer, const Ending& ending);

// The counts as a whole object. What the provider did not say is left out, not null.
void write_usage(json::Writer& writer, const chat::Usage& usage);

// The error type inside a stream. Once content was shown the client can only be told whether to try
// again; before that, the error is the answer to its request.
[[nodiscard]] std::string_view stream_error_type(ErrorKind kind, bool committed);

}  // namespace ccr::dialect::anthropic
