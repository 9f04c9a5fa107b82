// SPDX-License-Identifier: MIT
// What happened, as numbers. Each loop writes its own Shard without a lock; whoever asks adds the
// shards up from whatever thread it is on. Pure: durations and prices are handed in.
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
#include <string>
#include <string_view>

#include "common/config/model.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/stats/price_list.hpp"
#include "daemon/stats/reason.hpp"
#include "daemon/stats/row.hpp"

namespace ccr::stats {

// A target (provider + model), and a preset, see Book.
using Slot = std::uint16_t;
constexpr std::size_t max_slots = 4096;
using Preset = std::uint16_t;
constexpr std::size_t max_presets = 1024;
constexpr Preset no_preset = 0;

using Duration = std::chrono::nanoseconds;

// What usage is told apart by.
struct CellKey {
    Slot slot = 0;
    Preset preset = no_preset;
    RouteIndex route = other_route;
    friend auto operator<=>(const CellKey&, const CellKey&) = default;
};

// The end of one request to a provider: either its answer was served whole, or it failed.
struct AttemptEnd {
    CellKey where;
    std::optional<Reason> failure;
    int upstream_status = 0;       // 0: no response head came
    chat::Usage usage;             // zero if nothing was reported
    const Price* price = nullptr;  // null: not known
    bool retry = false;            // the attempt before went to the same target
    // Set on the first attempt at another target: where the request came from, and why.
    std::optional<Slot> fallback_from;
    Reason fallback_reason = Reason::timeout;
};

// The end of a request that a target served.
struct TurnEnd {
    CellKey where;
    Duration total{0};
    Duration first_content{0};  // zero: none told
    Duration overhead{0};       // of `total`, what was not spent waiting for the provider
};

struct FallbackKey {
    Slot from = 0;
    Slot to = 0;
    Reason reason = Reason::timeout;
    friend auto operator<=>(const FallbackKey&, const FallbackKey&) = default;
};
// Searches are counted by engine and result.
constexpr std::size_t search_places = 5 * search_result_names.size();
[[nodiscard]] constexpr std::size_t search_place(config::WebSearch::Engine engine,
                                                 SearchResult result) {
    return static_cast<std::size_t>(engine) * search_result_names.size() +
           static_cast<std::size_t>(result);
}

using Fallbacks = std::map<FallbackKey, std::uint64_t>;
using Warnings = std::map<std::string, std::uint64_t, std::less<>>;

// One loop's counters. Written by that loop's thread only, read by any.
class Shard {
  public:
    // Combinations of target, route and preset that are told apart; the others share one.
    static constexpr std::size_t max_cells = 4096;
    // Fields of requests that are named; a client can name any, so the others are "other".
    static constexpr std::size_t max_warnings = 64;

    Shard();
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    // Each start is followed by one attempt().
    void attempt_started(Slot slot) { bump(counters(slot), field::started); }
    void attempt(const AttemptEnd& end);
    void turn(const TurnEnd& end);
    void rejected(Rejection why) { bump(rejections_[static_cast<std::size_t>(why)], 1); }
    void dedup_hit() { bump(dedup_hits_, 1); }
    void custom_router(HookResult result) {
        bump(custom_router_[static_cast<std::size_t>(result)], 1);
    }
    void searched(config::WebSearch::Engine engine, SearchResult result) {
        bump(searches_[search_place(engine, result)], 1);
    }
    // A part of a request that the target which served it did not get.
    void warning(std::string_view field);

    // Cells stay where they are; there are only ever more of them.
    [[nodiscard]] std::size_t cell_count() const {
        return cell_count_.load(std::memory_order_acquire);
    }
    [[nodiscard]] CellKey cell_key(std::size_t cell) const { return cells_[cell]->key; }
    [[nodiscard]] UsageRow cell_row(std::size_t cell) const;

    // Adds this shard's counters to the sums.
    void add_row(Slot slot, Row& sum) const;  // but for the usage, which is in the cells
    void add_fallbacks(Fallbacks& sum) const;
    void add_warnings(Warnings& sum) const;
    [[nodiscard]] std::uint64_t rejections(std::size_t which) const {
        return rejections_[which].load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t custom_router(std::size_t result) const {
        return custom_router_[result].load(std::memory_order_relaxed);
    }
    // By search_place().
    [[nodiscard]] std::uint64_t searches(std::size_t place) const {
        return searches_[place].load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t dedup_hits() const {
        return dedup_hits_.load(std::memory_order_relaxed);
    }

  private:
    using Counter = std::atomic<std::uint64_t>;
    using Counters = std::array<Counter, field::count - field::usage_count>;
    struct Cell {
        CellKey key;
        std::array<Counter, field::usage_count> counters{};
    };
    static constexpr std::size_t places = std::size_t{2} * max_cells;
    static constexpr std::size_t max_fallback_kinds = 4096;

    // There is one writer: no locked instruction is needed.
    static void bump(Counter& counter, std::uint64_t by) {
        counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    static void bump(Counters& row, std::size_t field, std::uint64_t by = 1) {
        bump(row[field - field::usage_count], by);
    }
    [[nodiscard]] Counters& counters(Slot slot);
    [[nodiscard]] Cell& cell(const CellKey& key);
    [[nodiscard]] Cell& add_cell(const CellKey& key);
    static void add_usage(Cell& cell, const AttemptEnd& end);

    std::array<std::atomic<Counters*>, max_slots> rows_{};  // made at the first use of a slot
    std::array<std::unique_ptr<Cell>, max_cells> cells_;    // the first cell_count_ are there
    std::atomic<std::size_t> cell_count_{0};
    // Open addressing: an index into cells_ plus one, at or behind the place of the key's hash. The
    // writer's only.
    std::unique_ptr<std::array<std::uint16_t, places>> index_;
    std::array<Counter, rejection_names.size()> rejections_{};
    std::array<Counter, hook_result_names.size()> custom_router_{};
    std::array<Counter, search_places> searches_{};
    Counter dedup_hits_{0};
    mutable std::mutex rare_mutex_;  // a fallback is rare, and costs a round trip anyway
    Fallbacks fallbacks_;
    Warnings warnings_;
};

}  // namespace ccr::stats
