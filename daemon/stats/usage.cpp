// SPDX-License-Identifier: MIT
#include <algorithm>

#include "daemon/stats/report.hpp"

namespace ccr::stats {
namespace {

Row sum(const Row& a, const Row& b) {
    Row out = a;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] += b[i];
    return out;
}

struct Line {
    std::string tier;
    TargetName name;
    Row row{};
};

const Tier* tier_of(const Moment& moment, std::size_t slot) {
    const auto at = std::find_if(moment.tiers.begin(), moment.tiers.end(),
                                 [slot](const Tier& tier) { return tier.slot == slot; });
    return at == moment.tiers.end() ? nullptr : &*at;
}

// The tier table first, in its order; then what lies outside it and was used.
std::vector<Line> lines(const Moment& moment, GroupBy by) {
    const auto& targets = moment.totals.targets;
    std::vector<Line> out;
    for (const auto& tier : moment.tiers) {
        const auto& target = targets[tier.slot];
        out.push_back({tier.label, tier.name, sum(target.row, target.earlier)});
    }
    Line rest{std::string(other_tier), {"*", "*"}, {}};
    for (std::size_t slot = 0; slot < targets.size(); ++slot) {
        const Row row = sum(targets[slot].row, targets[slot].earlier);
        if (tier_of(moment, slot) != nullptr || row == Row{}) continue;
        rest.row = sum(rest.row, row);
        if (by == GroupBy::model) out.push_back({rest.tier, targets[slot].name, row});
    }
    if (by == GroupBy::tier && rest.row != Row{}) out.push_back(std::move(rest));
    return out;
}

void number(json::Writer& writer, std::string_view key, std::uint64_t value) {
    writer.key(key).number(static_cast<std::int64_t>(value));
}

void write_tokens(json::Writer& writer, std::string_view prefix, const Row& row) {
    const auto put = [&](std::string_view name, std::size_t index) {
        number(writer, std::string(prefix) + std::string(name), row[index]);
    };
    put("input_tokens", field::input_tokens);
    put("output_tokens", field::output_tokens);
    put("cache_read_tokens", field::cache_read_tokens);
    put("cache_creation_tokens", field::cache_creation_tokens);
}

void write_line(json::Writer& writer, const Line& line) {
    const Row& row = line.row;
    writer.begin_object().key("tier").string(line.tier);
    writer.key("provider").string(line.name.provider).key("model").string(line.name.model);
    number(writer, "requests", row[field::requests]);
    number(writer, "failures", failures_of(row));
    number(writer, "retries", row[field::retries]);
    number(writer, "fallbacks_from", row[field::fallbacks_from]);
    write_tokens(writer, "", row);
    number(writer, "reasoning_tokens", row[field::reasoning_tokens]);
    // No prices are known: the cost is unknown, which is not the same as nothing.
    writer.key("cost_usd").null().key("cost_estimated").boolean(false);
    number(writer, "unpriced_requests", row[field::requests]);
    writer.key("avg_duration_seconds");
    if (row[field::requests] == 0) {
        writer.null();
    } else {
        writer.number(static_cast<double>(row[field::duration_sum]) / 1e9 /
                      static_cast<double>(row[field::requests]));
    }
    writer.end_object();
}

void write_optional(json::Writer& writer, std::string_view key, std::optional<double> value) {
    writer.key(key);
    if (value) {
        writer.number(*value);
    } else {
        writer.null();
    }
}

void write_health(json::Writer& writer, const TargetHealth& target, std::int64_t rank) {
    writer.begin_object().key("tier").string(target.tier);
    writer.key("provider").string(target.name.provider).key("model").string(target.name.model);
    write_optional(writer, "ttft_ewma_seconds", target.ttft_seconds);
    write_optional(writer, "ewma_seconds", target.total_seconds);
    write_optional(writer, "per_output_token_ms", target.per_output_token_ms);
    number(writer, "sample_count", target.samples);
    write_optional(writer, "last_sample_age_seconds", target.last_sample_age_seconds);
    writer.key("state").string(target.state).key("breaker").string(target.breaker);
    writer.key("rate_limited_until");
    if (target.rate_limited_until) {
        writer.number(*target.rate_limited_until);
    } else {
        writer.null();
    }
    writer.key("rank").number(rank).end_object();
}

}  // namespace

std::string usage(const Moment& moment, GroupBy by) {
    Row all{};
    for (const auto& target : moment.totals.targets)
        all = sum(all, sum(target.row, target.earlier));
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("since").number(moment.totals.since);
    number(writer, "total_requests", all[field::requests]);
    number(writer, "total_failures", failures_of(all));
    write_tokens(writer, "total_", all);
    writer.key("total_cost_usd").null();
    writer.key("cost_complete").boolean(all[field::requests] == 0);
    number(writer, "active_streams", moment.active_streams);
    writer.key("tiers").begin_array();
    for (const auto& line : lines(moment, by))
        write_line(writer, line);
    writer.end_array().end_object();
    return body;
}

std::string latencies(const std::vector<TargetHealth>& health) {
    std::string body;
    json::Writer writer(body);
    writer.begin_array();
    std::int64_t rank = 0;
    for (const auto& target : health)
        write_health(writer, target, ++rank);
    writer.end_array();
    return body;
}

}  // namespace ccr::stats
