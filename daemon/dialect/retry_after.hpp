// SPDX-License-Identifier: MIT
// How long a provider asks us to wait, in all the places and spellings in which providers say so.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "daemon/dialect/dialect.hpp"

namespace ccr::dialect {

// The first valid one of the known sources, between 0 and 24 hours. `limited`: the failure is about
// a limit; only then do headers count that are sent with every reply. `body` may be missing,
// `message` empty.
[[nodiscard]] std::optional<Millis> read_retry_after(const std::vector<HeaderField>& headers,
                                                     json::Value body, std::string_view message,
                                                     bool limited, WallTime now);

// What the headers of any reply say of limits of which nothing remains: when the last of these is
// full again.
[[nodiscard]] std::optional<Millis> read_exhausted(const std::vector<HeaderField>& headers,
                                                   WallTime now);

// "1m26.4s", "7.66s", "120ms", "2 minutes", "34": seconds if there is no unit.
[[nodiscard]] std::optional<Millis> parse_duration(std::string_view text);

}  // namespace ccr::dialect
