// SPDX-License-Identifier: MIT
// Replies in the Anthropic format. Private to the dialect; the table in dialects.cpp makes them
// reachable. What a context refers to has to outlive its writer.
#pragma once

#include <memory>

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect {

[[nodiscard]] std::unique_ptr<StreamWriter> anthropic_stream_writer(const ReplyContext& context);
[[nodiscard]] std::unique_ptr<BodyWriter> anthropic_body_writer(const ReplyContext& context);

}  // namespace ccr::dialect
