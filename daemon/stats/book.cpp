// SPDX-License-Identifier: MIT
#include "daemon/stats/book.hpp"

#include <algorithm>
#include <utility>

namespace ccr::stats {
namespace {

// What is worth keeping over a restart, by the names that the state file uses.
constexpr std::array<std::pair<std::string_view, std::size_t>, 10> saved_fields{{
    {"requests", field::requests},
    {"retries", field::retries},
    {"fallbacks_from", field::fallbacks_from},
    {"input_tokens", field::input_tokens},
    {"output_tokens", field::output_tokens},
    {"cache_read_tokens", field::cache_read_tokens},
    {"cache_creation_tokens", field::cache_creation_tokens},
    {"reasoning_tokens", field::reasoning_tokens},
    {"estimated", field::estimated},
    {"duration_ns", field::duration_sum},
}};

std::uint64_t count(json::Value value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value.integer().value_or(0), 0));
}

void write_row(json::Writer& writer, const Totals::Target& target) {
    const auto sum = [&target](std::size_t i) {
        return static_cast<std::int64_t>(target.row[i] + target.earlier[i]);
    };
    writer.begin_object().key("provider").string(target.name.provider);
    writer.key("model").string(target.name.model);
    for (const auto& [name, index] : saved_fields)
        writer.key(name).number(sum(index));
    writer.key("failures").begin_object();
    for (std::size_t i = 0; i < reason_names.size(); ++i)
        writer.key(reason_names[i]).number(sum(field::failures + i));
    writer.end_object().end_object();
}

}  // namespace

Book::Book(std::size_t loops, std::int64_t now) : since_(now) {
    for (std::size_t i = 0; i < loops; ++i)
        shards_.push_back(std::make_unique<Shard>());
}

Slot Book::slot(const TargetName& name) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        if (targets_[i].name == name) return static_cast<Slot>(i);
    }
    if (targets_.size() == max_slots - 1) targets_.push_back({{"*", "*"}, {}, {}});
    if (targets_.size() == max_slots) return static_cast<Slot>(max_slots - 1);
    targets_.push_back({name, {}, {}});
    return static_cast<Slot>(targets_.size() - 1);
}

Totals Book::totals() const {
    Totals out;
    {
        const std::lock_guard lock(mutex_);
        out.targets = targets_;
        out.since = since_;
    }
    for (const auto& shard : shards_) {
        for (std::size_t i = 0; i < out.targets.size(); ++i)
            shard->add_row(static_cast<Slot>(i), out.targets[i].row);
        shard->add_fallbacks(out.fallbacks);
        for (std::size_t i = 0; i < rejection_names.size(); ++i)
            out.rejections[i] += shard->rejections(i);
        out.dedup_hits += shard->dedup_hits();
        for (std::size_t i = 0; i < out.custom_router.size(); ++i)
            out.custom_router[i] += shard->custom_router(i);
    }
    return out;
}

void Book::save(json::Writer& writer) const {
    const Totals sums = totals();
    writer.begin_object().key("since").number(sums.since);
    writer.key("targets").begin_array();
    for (const auto& target : sums.targets)
        write_row(writer, target);
    writer.end_array().end_object();
}

bool Book::restore(json::Value saved) {
    if (!saved["targets"].is_array()) return false;
    for (const json::Value entry : saved["targets"].elements()) {
        const TargetName name{std::string(entry["provider"].str()),
                              std::string(entry["model"].str())};
        if (name.provider.empty() || name.model.empty()) continue;
        const Slot at = slot(name);
        const std::lock_guard lock(mutex_);
        Row& row = targets_[at].earlier;
        for (const auto& [key, index] : saved_fields)
            row[index] += count(entry[key]);
        for (std::size_t i = 0; i < reason_names.size(); ++i)
            row[field::failures + i] += count(entry["failures"][reason_names[i]]);
    }
    const std::lock_guard lock(mutex_);
    if (const auto since = saved["since"].integer()) since_ = std::min(since_, *since);
    return true;
}

}  // namespace ccr::stats
