// SPDX-License-Identifier: MIT
// All counters of the process: the shards, and what each slot and each preset's number stands for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/stats/counters.hpp"

namespace ccr::stats {

struct TargetName {
    std::string provider;
    std::string model;  // "*": those that the provider's list does not have
    friend auto operator<=>(const TargetName&, const TargetName&) = default;
};

constexpr std::string_view any_model = "*";

// A moment's sums over all loops, since the process began.
struct Totals {
    struct Target {
        TargetName name;
        Row row{};
    };
    std::vector<Target> targets;  // by Slot
    Fallbacks fallbacks;
    Warnings warnings;
    std::array<std::uint64_t, rejection_names.size()> rejections{};
    std::array<std::uint64_t, hook_result_names.size()> custom_router{};
    std::array<std::uint64_t, search_places> searches{};
    std::uint64_t dedup_hits = 0;
};

// What one combination of target, route and preset has come to, in words.
struct UsageEntry {
    TargetName target;
    std::string_view route;  // of route_names
    std::string preset;      // empty: none
    UsageRow row{};
};

class Book {
  public:
    explicit Book(std::size_t loops);

    [[nodiscard]] Shard& shard(std::size_t loop) { return *shards_[loop]; }
    [[nodiscard]] std::size_t shards() const { return shards_.size(); }
    [[nodiscard]] const Shard& shard(std::size_t loop) const { return *shards_[loop]; }
    // The slot of a target; a new one if it has none. A target keeps its slot for the life of the
    // process. Beyond max_slots all share the last one. For loading; takes a lock.
    [[nodiscard]] Slot slot(const TargetName& name);
    // The same for presets; beyond max_presets they count as none.
    [[nodiscard]] Preset preset(std::string_view name);
    [[nodiscard]] Totals totals() const;
    // Without the numbers.
    [[nodiscard]] UsageEntry named(const CellKey& key) const;

  private:
    mutable std::mutex mutex_;  // names; not the counters
    std::vector<TargetName> targets_;
    std::vector<std::string> presets_;
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace ccr::stats
