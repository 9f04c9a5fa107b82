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

}  // namespace

std::uint64_t failures_of(const Row& row) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < reason_names.size(); ++i)
        sum += row[field::failures + i];
    return sum;
}

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

void Shard::add_usage(Counters& row, const chat::Usage& usage) {
    bump(row[field::input_tokens], tokens(usage.input_tokens));
    bump(row[field::output_tokens], tokens(usage.output_tokens));
    bump(row[field::cache_read_tokens], tokens(usage.cache_read_tokens.value_or(0)));
    bump(row[field::cache_creation_tokens], tokens(usage.cache_creation_tokens.value_or(0)));
    bump(row[field::reasoning_tokens], tokens(usage.thinking_tokens.value_or(0)));
    if (usage.estimated) bump(row[field::estimated], 1);
}

void Shard::attempt(const AttemptEnd& end) {
    Counters& row = counters(end.slot);
    if (end.failure) {
        bump(row[field::failures + static_cast<std::size_t>(*end.failure)], 1);
    } else {
        bump(row[field::requests], 1);
    }
    if (end.upstream_status != 0) bump(row[field::responses + code_index(end.upstream_status)], 1);
    if (end.retry) bump(row[field::retries], 1);
    add_usage(row, end.usage);
    if (!end.fallback_from) return;
    bump(counters(*end.fallback_from)[field::fallbacks_from], 1);
    const FallbackKey key{*end.fallback_from, end.slot, end.fallback_reason};
    const std::lock_guard lock(fallbacks_mutex_);
    if (fallbacks_.size() < max_fallback_kinds || fallbacks_.contains(key)) ++fallbacks_[key];
}

void Shard::turn(const TurnEnd& end) {
    Counters& row = counters(end.slot);
    bump(row[field::durations + bucket(duration_bounds, end.total)], 1);
    bump(row[field::duration_sum], nanoseconds(end.total));
    if (end.first_content <= Duration{0}) return;
    bump(row[field::ttfts + bucket(ttft_bounds, end.first_content)], 1);
    bump(row[field::ttft_sum], nanoseconds(end.first_content));
}

void Shard::add_row(Slot slot, Row& sum) const {
    const Counters* row = rows_[slot].load(std::memory_order_acquire);
    if (row == nullptr) return;
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += (*row)[i].load(std::memory_order_relaxed);
}

void Shard::add_fallbacks(Fallbacks& sum) const {
    const std::lock_guard lock(fallbacks_mutex_);
    for (const auto& [key, count] : fallbacks_)
        sum[key] += count;
}

}  // namespace ccr::stats
