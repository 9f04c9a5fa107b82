// SPDX-License-Identifier: MIT
// The OpenAI Chat Completions dialect's functions, for the table in dialects.cpp.
#pragma once

#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect::openai_chat {

Result<Encoded> encode_request(chat::Request& request, const EncodeOptions& options);

}  // namespace ccr::dialect::openai_chat
