// SPDX-License-Identifier: MIT
// All counters of the process: the shards, which target each slot stands for, and what was counted
// before the last restart.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/stats/counters.hpp"

namespace ccr::stats {

struct TargetName {
    std::string provider;
    std::string model;  // "*": those that the provider's list does not have
    friend auto operator<=>(const TargetName&, const TargetName&) = default;
};

constexpr std::string_view any_model = "*";

// A moment's sums over all loops.
struct Totals {
    struct Target {
        TargetName name;
        Row row{};      // since the process began
        Row earlier{};  // before that, as saved
    };
    std::vector<Target> targets;  // by Slot
    Fallbacks fallbacks;
    std::array<std::uint64_t, rejection_names.size()> rejections{};
    std::uint64_t dedup_hits = 0;
    std::array<std::uint64_t, hook_result_names.size()> custom_router{};
    std::int64_t since = 0;  // Unix seconds; when counting began, restarts included
};

class Book {
  public:
    // `now`: Unix seconds.
    Book(std::size_t loops, std::int64_t now);

    [[nodiscard]] Shard& shard(std::size_t loop) { return *shards_[loop]; }
    // The slot of a target; a new one if it has none. A target keeps its slot for the life of the
    // process. Beyond max_slots all share the last one. For loading; takes a lock.
    [[nodiscard]] Slot slot(const TargetName& name);
    [[nodiscard]] Totals totals() const;

    // The usage part of the state file: one object.
    void save(json::Writer& writer) const;
    // Before the loops start. What cannot be read is left out; false if that was all.
    bool restore(json::Value saved);

  private:
    mutable std::mutex mutex_;  // names and earlier sums; not the counters
    std::vector<Totals::Target> targets_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::int64_t since_;
};

}  // namespace ccr::stats
