// SPDX-License-Identifier: MIT
// The numbers that are kept of a target, and what is at which place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/stats/reason.hpp"

namespace ccr::stats {

// Upper bounds of the histograms' buckets, in seconds; one more bucket takes the rest.
constexpr std::array<double, 13> duration_bounds{0.1, 0.25, 0.5, 1,   2.5, 5,  10,
                                                 20,  30,   60,  120, 300, 600};
constexpr std::array<double, 11> ttft_bounds{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60};
constexpr std::array<double, 12> overhead_bounds{0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                 0.025,   0.05,   0.1,   0.25,   0.5,   1};

// Statuses told apart; 0 stands for all others.
constexpr std::array<int, 18> upstream_codes{200, 400, 401, 402, 403, 404, 408, 409, 413,
                                             422, 424, 429, 500, 502, 503, 504, 529, 0};

// The names of the routes, as x-ccr-route begins with them.
using RouteIndex = std::uint8_t;
constexpr std::array<std::string_view, 10> route_names{
    "default", "background", "think",    "longContext", "subagent",
    "image",   "webSearch",  "explicit", "custom",      "other",
};
constexpr RouteIndex other_route = route_names.size() - 1;

[[nodiscard]] constexpr RouteIndex route_index(std::string_view name) {
    for (RouteIndex i = 0; i < other_route; ++i) {
        if (route_names[i] == name) return i;
    }
    return other_route;
}

namespace field {
// The usage, which the history keeps by target, route and preset.
constexpr std::size_t requests = 0;  // answers served to their last byte
constexpr std::size_t failed = 1;    // attempts
constexpr std::size_t retries = 2;
constexpr std::size_t fallbacks_from = 3;
constexpr std::size_t input_tokens = 4;
constexpr std::size_t output_tokens = 5;
constexpr std::size_t cache_read_tokens = 6;
constexpr std::size_t cache_creation_tokens = 7;
constexpr std::size_t reasoning_tokens = 8;
constexpr std::size_t estimated = 9;         // answers whose usage is our estimate
constexpr std::size_t duration_sum = 10;     // nanoseconds, of the requests served
constexpr std::size_t cost = 11;             // nano-USD, as far as it is known
constexpr std::size_t unpriced = 12;         // attempts whose cost is not
constexpr std::size_t cost_calculated = 13;  // attempts whose cost the provider did not report
constexpr std::size_t usage_count = 14;
// What only metrics tell, by target.
constexpr std::size_t ttft_sum = usage_count;                         // nanoseconds
constexpr std::size_t overhead_sum = ttft_sum + 1;                    // nanoseconds
constexpr std::size_t started = overhead_sum + 1;                     // attempts
constexpr std::size_t failures = started + 1;                         // by Reason
constexpr std::size_t responses = failures + reason_names.size();     // by upstream_codes
constexpr std::size_t durations = responses + upstream_codes.size();  // by bucket
constexpr std::size_t ttfts = durations + duration_bounds.size() + 1;
constexpr std::size_t overheads = ttfts + ttft_bounds.size() + 1;
constexpr std::size_t count = overheads + overhead_bounds.size() + 1;
}  // namespace field

using UsageRow = std::array<std::uint64_t, field::usage_count>;
using Row = std::array<std::uint64_t, field::count>;

template <std::size_t N, std::size_t M>
void add(std::array<std::uint64_t, N>& sum, const std::array<std::uint64_t, M>& row) {
    static_assert(M <= N);
    for (std::size_t i = 0; i < M; ++i)
        sum[i] += row[i];
}

}  // namespace ccr::stats
