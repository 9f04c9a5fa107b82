// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/json.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::stats {
namespace {

constexpr std::string_view all = "*";

struct Line {
    std::string tier;
    TargetName name;
    std::string group;
    UsageRow row{};
};

// The tier table first, in its order; then what lies outside it and was used.
std::vector<Line> by_target(const UsageHistory& history, bool models,
                            const std::vector<Tier>& tiers) {
    std::vector<Line> out;
    out.reserve(tiers.size() + 1);
    for (const auto& tier : tiers)
        out.push_back({tier.label, tier.name, "", {}});
    Line rest{std::string(other_tier), {std::string(all), std::string(all)}, "", {}};
    for (const auto& line : history.lines) {
        const auto end = out.begin() + static_cast<std::ptrdiff_t>(tiers.size());
        const auto at = std::find_if(
            out.begin(), end, [&line](const Line& tier) { return tier.name == line.target; });
        if (at != end) {
            add(at->row, line.row);
        } else if (models) {
            out.push_back({rest.tier, line.target, "", line.row});
        } else {
            add(rest.row, line.row);
        }
    }
    if (rest.row != UsageRow{}) out.push_back(std::move(rest));
    return out;
}

std::vector<Line> lines(const UsageHistory& history, GroupBy by, const std::vector<Tier>& tiers) {
    if (by == GroupBy::tier || by == GroupBy::model) {
        return by_target(history, by == GroupBy::model, tiers);
    }
    std::vector<Line> out;
    out.reserve(history.lines.size());
    for (const auto& line : history.lines) {
        out.push_back(
            {std::string(all), {std::string(all), std::string(all)}, line.group, line.row});
    }
    return out;
}

void number(json::Writer& writer, std::string_view key, std::uint64_t value) {
    writer.key(key).number(static_cast<std::int64_t>(value));
}

void write_optional(json::Writer& writer, std::string_view key, std::optional<double> value) {
    writer.key(key);
    if (value) {
        writer.number(*value);
    } else {
        writer.null();
    }
}

void write_tokens(json::Writer& writer, std::string_view prefix, const UsageRow& row) {
    const auto put = [&](std::string_view name, std::size_t index) {
        number(writer, std::string(prefix) + std::string(name), row[index]);
    };
    put("input_tokens", field::input_tokens);
    put("output_tokens", field::output_tokens);
    put("cache_read_tokens", field::cache_read_tokens);
    put("cache_creation_tokens", field::cache_creation_tokens);
}

// The known part of the cost; nothing where no part of it is known, which is not the same as 0.
std::optional<double> cost(const UsageRow& row) {
    if (row[field::cost] == 0 && row[field::unpriced] > 0) return std::nullopt;
    return static_cast<double>(row[field::cost]) / nano_per_usd;
}

std::optional<double> average_duration(const UsageRow& row) {
    if (row[field::requests] == 0) return std::nullopt;
    return static_cast<double>(row[field::duration_sum]) / 1e9 /
           static_cast<double>(row[field::requests]);
}

void write_line(json::Writer& writer, const Line& line, GroupBy by) {
    const UsageRow& row = line.row;
    writer.begin_object();
    if (by > GroupBy::model) writer.key(name(by)).string(line.group);
    writer.key("tier").string(line.tier);
    writer.key("provider").string(line.name.provider).key("model").string(line.name.model);
    number(writer, "requests", row[field::requests]);
    number(writer, "failures", row[field::failed]);
    number(writer, "retries", row[field::retries]);
    number(writer, "fallbacks_from", row[field::fallbacks_from]);
    write_tokens(writer, "", row);
    number(writer, "reasoning_tokens", row[field::reasoning_tokens]);
    write_optional(writer, "cost_usd", cost(row));
    writer.key("cost_estimated").boolean(row[field::cost_calculated] > 0);
    number(writer, "unpriced_requests", row[field::unpriced]);
    write_optional(writer, "avg_duration_seconds", average_duration(row));
    writer.end_object();
}

}  // namespace

std::string usage(const UsageHistory& history, GroupBy by, const std::vector<Tier>& tiers,
                  std::uint64_t active_streams) {
    UsageRow sum{};
    for (const auto& line : history.lines)
        add(sum, line.row);
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("since").number(history.since).key("by").string(name(by));
    number(writer, "total_requests", sum[field::requests]);
    number(writer, "total_failures", sum[field::failed]);
    write_tokens(writer, "total_", sum);
    write_optional(writer, "total_cost_usd", cost(sum));
    writer.key("cost_complete").boolean(sum[field::unpriced] == 0);
    number(writer, "active_streams", active_streams);
    writer.key("tiers").begin_array();
    for (const auto& line : lines(history, by, tiers))
        write_line(writer, line, by);
    writer.end_array().end_object();
    return body;
}

}  // namespace ccr::stats
