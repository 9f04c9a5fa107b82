// SPDX-License-Identifier: MIT
// Token counts as OpenAI-compatible providers report them: one meaning, many spellings.
#pragma once

#include <optional>

#include "common/json.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

// Nothing if the value is no usage object or says nothing. OpenAI counts cached tokens into the
// prompt; the result has them apart.
[[nodiscard]] std::optional<chat::Usage> read_openai_usage(json::Value usage,
                                                           const Profile& profile);

}  // namespace ccr::dialect
