// SPDX-License-Identifier: MIT
#include "common/json.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::stats {
namespace {

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
    writer.key("sample_count").number(static_cast<std::int64_t>(target.samples));
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
