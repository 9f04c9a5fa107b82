// SPDX-License-Identifier: MIT
#include "daemon/stats/counters.hpp"

#include <algorithm>

namespace ccr::stats {
namespace {

template <std::size_t N>
std::size_t bucket(const std::array<double, N>& bounds, Duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    const auto* const at = std::lower_bound(bounds.begin(), bounds.end(), seconds);
    return static_cast<std::size_t>(at - bounds.begin());
}

std::size_t code_index(int status) {
    const auto* const at = std::find(upstream_codes.begin(), upstream_codes.end() - 1, status);
    return static_cast<std::size_t>(at - upstream_codes.begin());
}

std::uint64_t nanoseconds(Duration time) {
    return static_cast<std::uint64_t>(std::max<Duration::rep>(time.count(), 0));
}

// A provider's count is input: it must not be able to turn a counter back.
std::uint64_t tokens(std::int64_t count) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
}

std::size_t place_of(const CellKey& key, std::size_t places) {
    const std::uint64_t bits = (std::uint64_t{key.slot} << 24U) |
                               (std::uint64_t{key.preset} << 8U) | std::uint64_t{key.route};
    return static_cast<std::size_t>((bits * 0x9E3779B97F4A7C15U) >> 40U) % places;
}

constexpr CellKey shared_cell{max_slots - 1, no_preset, other_route};

}  // namespace

Shard::Shard() : index_(std::make_unique<std::array<std::uint16_t, places>>()) {}

Shard::~Shard() {
    for (auto& row : rows_)
        delete row.load(std::memory_order_relaxed);
}

Shard::Counters& Shard::counters(Slot slot) {
    auto& place = rows_[std::min<std::size_t>(slot, max_slots - 1)];
    Counters* row = place.load(std::memory_order_relaxed);
    if (row == nullptr) {
        row = std::make_unique<Counters>().release();
        place.store(row, std::memory_order_release);
    }
    return *row;
}

Shard::Cell& Shard::cell(const CellKey& key) {
    for (std::size_t at = place_of(key, places);; at = (at + 1) % places) {
        const std::uint16_t index = (*index_)[at];
        if (index == 0) break;
        Cell& found = *cells_[index - 1U];
        if (found.key == key) return found;
    }
    return add_cell(key);
}

Shard::Cell& Shard::add_cell(const CellKey& key) {
    const std::size_t count = cell_count_.load(std::memory_order_relaxed);
    // The last one is for all that have none.
    if (count + 1 >= max_cells && key != shared_cell) return cell(shared_cell);
    std::size_t at = place_of(key, places);
    while ((*index_)[at] != 0)
        at = (at + 1) % places;
    cells_[count] = std::make_unique<Cell>();
    cells_[count]->key = key;
    (*index_)[at] = static_cast<std::uint16_t>(count + 1);
    cell_count_.store(count + 1, std::memory_order_release);
    return *cells_[count];
}

void Shard::add_usage(Cell& cell, const AttemptEnd& end) {
    const chat::Usage& usage = end.usage;
    auto& row = cell.counters;
    bump(row[field::input_tokens], tokens(usage.input_tokens));
    bump(row[field::output_tokens], tokens(usage.output_tokens));
    bump(row[field::cache_read_tokens], tokens(usage.cache_read_tokens.value_or(0)));
    bump(row[field::cache_creation_tokens], tokens(usage.cache_creation_tokens.value_or(0)));
    bump(row[field::reasoning_tokens], tokens(usage.thinking_tokens.value_or(0)));
    if (usage.estimated) bump(row[field::estimated], 1);
    const Cost cost = cost_of(usage, end.price, !end.failure);
    bump(row[field::cost], cost.nano_usd);
    if (!cost.known) bump(row[field::unpriced], 1);
    if (cost.estimated) bump(row[field::cost_calculated], 1);
}

void Shard::attempt(const AttemptEnd& end) {
    Cell& usage = cell(end.where);
    Counters& row = counters(end.where.slot);
    if (end.failure) {
        bump(usage.counters[field::failed], 1);
        bump(row, field::failures + static_cast<std::size_t>(*end.failure));
    } else {
        bump(usage.counters[field::requests], 1);
    }
    if (end.upstream_status != 0) bump(row, field::responses + code_index(end.upstream_status));
    if (end.retry) bump(usage.counters[field::retries], 1);
    add_usage(usage, end);
    if (!end.fallback_from) return;
    CellKey from = end.where;
    from.slot = *end.fallback_from;
    bump(cell(from).counters[field::fallbacks_from], 1);
    const FallbackKey key{*end.fallback_from, end.where.slot, end.fallback_reason};
    const std::lock_guard lock(rare_mutex_);
    if (fallbacks_.size() < max_fallback_kinds || fallbacks_.contains(key)) ++fallbacks_[key];
}

void Shard::turn(const TurnEnd& end) {
    bump(cell(end.where).counters[field::duration_sum], nanoseconds(end.total));
    Counters& row = counters(end.where.slot);
    bump(row, field::durations + bucket(duration_bounds, end.total));
    bump(row, field::overheads + bucket(overhead_bounds, end.overhead));
    bump(row, field::overhead_sum, nanoseconds(end.overhead));
    if (end.first_content <= Duration{0}) return;
    bump(row, field::ttfts + bucket(ttft_bounds, end.first_content));
    bump(row, field::ttft_sum, nanoseconds(end.first_content));
}

void Shard::warning(std::string_view field) {
    constexpr std::size_t max_name = 64;
    const std::lock_guard lock(rare_mutex_);
    const auto found = warnings_.find(field);
    if (found != warnings_.end()) {
        ++found->second;
        return;
    }
    const bool room = warnings_.size() < max_warnings && field.size() <= max_name;
    ++warnings_[room ? std::string(field) : "other"];
}

UsageRow Shard::cell_row(std::size_t cell) const {
    UsageRow out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = cells_[cell]->counters[i].load(std::memory_order_relaxed);
    return out;
}

void Shard::add_row(Slot slot, Row& sum) const {
    const Counters* row = rows_[slot].load(std::memory_order_acquire);
    if (row == nullptr) return;
    for (std::size_t i = 0; i < row->size(); ++i)
        sum[field::usage_count + i] += (*row)[i].load(std::memory_order_relaxed);
}

void Shard::add_fallbacks(Fallbacks& sum) const {
    const std::lock_guard lock(rare_mutex_);
    for (const auto& [key, count] : fallbacks_)
        sum[key] += count;
}

void Shard::add_warnings(Warnings& sum) const {
    const std::lock_guard lock(rare_mutex_);
    for (const auto& [name, count] : warnings_)
        sum[name] += count;
}

}  // namespace ccr::stats
