// SPDX-License-Identifier: MIT
// Dates as providers write them.
#pragma once

#include <optional>
#include <string_view>

#include "common/time.hpp"

namespace ccr::dialect {

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form of HTTP dates that is still sent.
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);
// "2026-11-24T12:00:00Z", with fractions and offsets.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);
// "2026-11-24 12:00:00" in UTC+8, as Z.AI writes it; text may follow.
[[nodiscard]] std::optional<WallTime> parse_china_time(std::string_view text);

}  // namespace ccr::dialect
