// SPDX-License-Identifier: MIT
// What happened, as numbers. Each loop writes its own Shard without a lock; a scrape adds the
// shards up from whatever thread it is on. Pure: durations are handed in.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>

#include "daemon/chat/usage.hpp"
#include "daemon/stats/reason.hpp"

namespace ccr::stats {

// A target (provider + model), see Book.
using Slot = std::uint16_t;
constexpr std::size_t max_slots = 4096;

using Duration = std::chrono::nanoseconds;

// Upper bounds of the histograms' buckets, in seconds; one more bucket takes the rest.
constexpr std::array<double, 13> duration_bounds{0.1, 0.25, 0.5, 1,   2.5, 5,  10,
                                                 20,  30,   60,  120, 300, 600};
constexpr std::array<double, 11> ttft_bounds{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60};

// Statuses told apart; 0 stands for all others.
constexpr std::array<int, 18> upstream_codes{200, 400, 401, 402, 403, 404, 408, 409, 413,
                                             422, 424, 429, 500, 502, 503, 504, 529, 0};

// The counters of one target lie in one row; what is at which place.
namespace field {
constexpr std::size_t requests = 0;  // answers served to their last byte
constexpr std::size_t retries = 1;
constexpr std::size_t fallbacks_from = 2;
constexpr std::size_t input_tokens = 3;
constexpr std::size_t output_tokens = 4;
constexpr std::size_t cache_read_tokens = 5;
constexpr std::size_t cache_creation_tokens = 6;
constexpr std::size_t reasoning_tokens = 7;
constexpr std::size_t estimated = 8;     // answers whose usage is our estimate
constexpr std::size_t duration_sum = 9;  // nanoseconds, of the requests served
constexpr std::size_t ttft_sum = 10;     // nanoseconds
constexpr std::size_t failures = 11;     // by Reason
constexpr std::size_t responses = failures + reason_names.size();     // by upstream_codes
constexpr std::size_t durations = responses + upstream_codes.size();  // by bucket
constexpr std::size_t ttfts = durations + duration_bounds.size() + 1;
constexpr std::size_t count = ttfts + ttft_bounds.size() + 1;
}  // namespace field

using Row = std::array<std::uint64_t, field::count>;

[[nodiscard]] std::uint64_t failures_of(const Row& row);

// The end of one request to a provider: either its answer was served whole, or it failed.
struct AttemptEnd {
    Slot slot = 0;
    std::optional<Reason> failure;
    int upstream_status = 0;  // 0: no response head came
    chat::Usage usage;        // zero if nothing was reported
    bool retry = false;       // the attempt before went to the same target
    // Set on the first attempt at another target: where the request came from, and why.
    std::optional<Slot> fallback_from;
    Reason fallback_reason = Reason::timeout;
};

// The end of a request that a target served.
struct TurnEnd {
    Slot slot = 0;
    Duration total{0};
    Duration first_content{0};  // zero: none told
};

struct FallbackKey {
    Slot from = 0;
    Slot to = 0;
    Reason reason = Reason::timeout;
    friend auto operator<=>(const FallbackKey&, const FallbackKey&) = default;
};
using Fallbacks = std::map<FallbackKey, std::uint64_t>;

// One loop's counters. Written by that loop's thread only, read by any.
class Shard {
  public:
    Shard() = default;
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    void attempt(const AttemptEnd& end);
    void turn(const TurnEnd& end);
    void rejected(Rejection why) { bump(rejections_[static_cast<std::size_t>(why)], 1); }
    void dedup_hit() { bump(dedup_hits_, 1); }
    void custom_router(HookResult result) {
        bump(custom_router_[static_cast<std::size_t>(result)], 1);
    }

    // Adds this shard's counters to the sums.
    void add_row(Slot slot, Row& sum) const;
    void add_fallbacks(Fallbacks& sum) const;
    [[nodiscard]] std::uint64_t rejections(std::size_t which) const {
        return rejections_[which].load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t custom_router(std::size_t which) const {
        return custom_router_[which].load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t dedup_hits() const {
        return dedup_hits_.load(std::memory_order_relaxed);
    }

  private:
    using Counter = std::atomic<std::uint64_t>;
    using Counters = std::array<Counter, field::count>;
    static constexpr std::size_t max_fallback_kinds = 4096;

    // There is one writer: no locked instruction is needed.
    static void bump(Counter& counter, std::uint64_t by) {
        counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    [[nodiscard]] Counters& counters(Slot slot);
    static void add_usage(Counters& row, const chat::Usage& usage);

    std::array<std::atomic<Counters*>, max_slots> rows_{};  // made at the first use of a slot
    std::array<Counter, rejection_names.size()> rejections_{};
    Counter dedup_hits_{0};
    std::array<Counter, hook_result_names.size()> custom_router_{};
    mutable std::mutex fallbacks_mutex_;  // a fallback is rare, and costs a round trip anyway
    Fallbacks fallbacks_;
};

}  // namespace ccr::stats
