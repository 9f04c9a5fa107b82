// SPDX-License-Identifier: MIT
#include "daemon/stats/book.hpp"

#include <algorithm>
#include <utility>

namespace ccr::stats {

Book::Book(std::size_t loops) : presets_{""} {
    for (std::size_t i = 0; i < loops; ++i)
        shards_.push_back(std::make_unique<Shard>());
}

Slot Book::slot(const TargetName& name) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find(targets_.begin(), targets_.end(), name);
    if (found != targets_.end()) return static_cast<Slot>(found - targets_.begin());
    if (targets_.size() == max_slots - 1) targets_.push_back({"*", "*"});
    if (targets_.size() == max_slots) return static_cast<Slot>(max_slots - 1);
    targets_.push_back(name);
    return static_cast<Slot>(targets_.size() - 1);
}

Preset Book::preset(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find(presets_.begin(), presets_.end(), name);
    if (found != presets_.end()) return static_cast<Preset>(found - presets_.begin());
    if (presets_.size() == max_presets) return no_preset;
    presets_.emplace_back(name);
    return static_cast<Preset>(presets_.size() - 1);
}

Totals Book::totals() const {
    Totals out;
    {
        const std::lock_guard lock(mutex_);
        for (const TargetName& name : targets_)
            out.targets.push_back({name, {}});
    }
    for (const auto& shard : shards_) {
        for (std::size_t i = 0; i < out.targets.size(); ++i)
            shard->add_row(static_cast<Slot>(i), out.targets[i].row);
        for (std::size_t i = 0; i < shard->cell_count(); ++i) {
            const std::size_t slot = shard->cell_key(i).slot;
            // One that was given out after the names were read.
            if (slot < out.targets.size()) add(out.targets[slot].row, shard->cell_row(i));
        }
        shard->add_fallbacks(out.fallbacks);
        shard->add_warnings(out.warnings);
        for (std::size_t i = 0; i < rejection_names.size(); ++i)
            out.rejections[i] += shard->rejections(i);
        for (std::size_t i = 0; i < hook_result_names.size(); ++i)
            out.custom_router[i] += shard->custom_router(i);
        for (std::size_t i = 0; i < search_places; ++i)
            out.searches[i] += shard->searches(i);
        out.dedup_hits += shard->dedup_hits();
    }
    return out;
}

UsageEntry Book::named(const CellKey& key) const {
    UsageEntry out{{"*", "*"}, route_names[std::min(key.route, other_route)], "", {}};
    const std::lock_guard lock(mutex_);
    if (key.slot < targets_.size()) out.target = targets_[key.slot];
    if (key.preset < presets_.size()) out.preset = presets_[key.preset];
    return out;
}

}  // namespace ccr::stats
