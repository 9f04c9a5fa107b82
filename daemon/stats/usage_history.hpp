// SPDX-License-Identifier: MIT
// What GET /v1/usage can be asked, and what the history answers. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "daemon/stats/book.hpp"

namespace ccr::stats {

enum class GroupBy : std::uint8_t { tier, model, route, preset, day };
[[nodiscard]] std::string_view name(GroupBy by);

struct UsageQuestion {
    std::optional<std::int64_t> since;  // Unix seconds; nothing: all there is
    GroupBy by = GroupBy::tier;
};

// `since`: a span back from now ("90m", "24h", "7d", "2w"), RFC 3339 or a date of it (UTC), or Unix
// seconds. `by`: tier, model, route, preset or day. `now`: Unix seconds. Errors are invalid_request
// and name the parameter.
[[nodiscard]] Result<UsageQuestion> read_question(std::optional<std::string_view> since,
                                                  std::optional<std::string_view> by,
                                                  std::int64_t now);

struct UsageHistory {
    struct Line {
        TargetName target;  // of tier and model
        std::string group;  // of route, preset and day (UTC, "2026-11-24")
        UsageRow row{};
    };
    std::int64_t since = 0;  // Unix seconds; the hour's begin, as usage is kept by the hour
    std::vector<Line> lines;
};

}  // namespace ccr::stats
