// SPDX-License-Identifier: MIT
// The table of finish reasons.
#pragma once

#include <optional>
#include <string_view>

#include "common/result.hpp"
#include "daemon/chat/event.hpp"

namespace ccr::dialect {

struct FinishReason {
    chat::Stop stop = chat::Stop::end_turn;
    std::optional<ErrorKind> error = {};  // not a stop but a failure
    bool unknown = false;
};

// `reason` is not empty.
[[nodiscard]] FinishReason read_finish_reason(std::string_view reason);

}  // namespace ccr::dialect
