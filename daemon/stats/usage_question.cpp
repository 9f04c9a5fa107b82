// SPDX-License-Identifier: MIT
#include <array>
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/wall_time.hpp"
#include "daemon/stats/usage_history.hpp"

namespace ccr::stats {
namespace {

constexpr std::array<std::string_view, 5> group_names{"tier", "model", "route", "preset", "day"};
constexpr std::array<std::pair<char, std::int64_t>, 5> units{
    {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}}};
constexpr std::int64_t longest_span = 100LL * 366 * 86'400;
// Unix milliseconds are this large since 1973, seconds not before the year 5138.
constexpr std::int64_t smallest_millis = 100'000'000'000;

std::optional<std::int64_t> read_span(std::string_view text) {
    if (text.empty()) return std::nullopt;
    for (const auto& [unit, seconds] : units) {
        if (text.back() != unit) continue;
        const auto count = to_number<std::int64_t>(text.substr(0, text.size() - 1));
        if (!count || *count < 0 || *count > longest_span / seconds) return std::nullopt;
        return *count * seconds;
    }
    return std::nullopt;
}

std::optional<std::int64_t> read_time(std::string_view text) {
    if (const auto number = to_number<std::int64_t>(text)) {
        if (*number < 0) return std::nullopt;
        return *number >= smallest_millis ? *number / 1000 : *number;
    }
    constexpr std::size_t date = 10;  // "2026-11-24"
    std::string full(text);
    if (full.size() == date) full += "T00:00:00Z";
    const auto time = dialect::parse_rfc3339(full);
    if (!time) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

}  // namespace

std::string_view name(GroupBy by) {
    return group_names[static_cast<std::size_t>(by)];
}

Result<UsageQuestion> read_question(std::optional<std::string_view> since,
                                    std::optional<std::string_view> by, std::int64_t now) {
    UsageQuestion out;
    if (since) {
        const std::string_view text = trim(*since);
        const auto span = read_span(text);
        out.since = span ? std::optional(now - *span) : read_time(text);
        if (!out.since) {
            return Error(ErrorKind::invalid_request,
                         "since: expected a span like 24h or 7d, a time like "
                         "2026-11-24T12:00:00Z, or Unix seconds");
        }
    }
    if (!by) return out;
    for (std::size_t i = 0; i < group_names.size(); ++i) {
        if (group_names[i] != trim(*by)) continue;
        out.by = static_cast<GroupBy>(i);
        return out;
    }
    return Error(ErrorKind::invalid_request, "by: expected tier, model, route, preset or day");
}

}  // namespace ccr::stats
