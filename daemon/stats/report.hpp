// SPDX-License-Identifier: MIT
// The answers of GET /metrics, /v1/usage and /v1/latencies, made of sums and of what the caller
// knows of the moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/stats/book.hpp"
#include "daemon/stats/exposition.hpp"
#include "daemon/stats/usage_history.hpp"

namespace ccr::stats {

// The tier table of the moment: position N is "tier-N", counted from 1.
struct Tier {
    std::string label;
    Slot slot = 0;
    TargetName name;
};

// What is counted for targets outside the tier table, asked for by name, goes under this label.
constexpr std::string_view other_tier = "other";

// What dispatch knows of one target. Absent: not known (yet).
struct TargetHealth {
    std::string tier;
    TargetName name;
    std::optional<double> ttft_seconds;  // EWMA
    std::optional<double> total_seconds;
    std::optional<double> per_output_token_ms;
    std::uint64_t samples = 0;
    std::optional<double> last_sample_age_seconds;
    std::string state = "unknown";   // "healthy", "limited", "open", "misconfigured" …
    std::string breaker = "closed";  // "closed", "open", "half-open"
    std::optional<std::int64_t> rate_limited_until;  // Unix milliseconds
};

struct Process {
    double cpu_seconds = 0;
    double start_time = 0;  // Unix seconds
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
    std::uint64_t threads = 0;
};

struct Moment {
    Totals totals;
    std::vector<Tier> tiers;
    std::vector<TargetHealth> health;  // best first
    std::uint64_t active_streams = 0;
    std::uint64_t idle_connections = 0;
    // Kept for the provider of each of `tiers`; tiers of one provider have them in common.
    std::vector<std::uint64_t> idle_by_tier;
    std::uint64_t dialed = 0;
    std::uint64_t reused = 0;
    std::uint64_t replaced = 0;
    std::uint64_t reloads_ok = 0;
    std::uint64_t reloads_failed = 0;
    Process process;
};

[[nodiscard]] std::string metrics(const Moment& moment, std::string_view version, Format format);

// `tiers`: the tier table, each of which is there whether it was used or not.
[[nodiscard]] std::string usage(const UsageHistory& history, GroupBy by,
                                const std::vector<Tier>& tiers, std::uint64_t active_streams);
[[nodiscard]] std::string latencies(const std::vector<TargetHealth>& health);

}  // namespace ccr::stats
