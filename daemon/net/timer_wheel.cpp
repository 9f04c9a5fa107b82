// SPDX-License-Identifier: MIT
#include "daemon/net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace ccr::net {
namespace {

constexpr std::uint64_t bit(std::size_t slot) {
    return std::uint64_t{1} << slot;
}

}  // namespace

void TimerNode::disarm() {
    if (armed_) wheel_->unlink(*this);
}

WheelCore::WheelCore(SteadyTime start) : start_(start) {}

WheelCore::~WheelCore() {
    for (auto& level : wheel_) {
        for (auto& first : level) {
            while (first)
                unlink(*first);
        }
    }
}

std::uint64_t WheelCore::ticks_at(SteadyTime when) const {
    return when <= start_ ? 0 : static_cast<std::uint64_t>((when - start_) / tick);
}

void WheelCore::arm(TimerNode& node, SteadyTime now, Millis after) {
    node.disarm();
    if (armed_ == 0) current_ = std::max(current_, ticks_at(now));
    constexpr Millis longest{std::chrono::hours{24 * 365}};
    const auto wait = std::clamp(after, Millis{0}, longest);
    // Rounded up by one tick: never early.
    node.tick_ = std::max(ticks_at(now + wait), current_) + 1;
    insert(node);
}

// A deadline lives on the lowest level whose 64 slots reach it; higher levels are emptied into
// lower ones as time comes to them. Past the last level's reach it waits in the furthest slot.
void WheelCore::insert(TimerNode& node) {
    constexpr std::uint64_t reach = slots * slots * slots;
    const std::uint64_t ahead = node.tick_ - current_;
    const std::uint64_t place = ahead < reach ? node.tick_ : current_ + reach - slots * slots;
    std::size_t level = 0;
    if (ahead >= slots) level = ahead >= slots * slots ? 2 : 1;
    const std::size_t slot = (place >> (6 * level)) % slots;
    TimerNode*& first = wheel_[level][slot];
    node.wheel_ = this;
    node.level_ = static_cast<std::uint8_t>(level);
    node.slot_ = static_cast<std::uint8_t>(slot);
    node.prev_ = nullptr;
    node.next_ = first;
    if (first) first->prev_ = &node;
    first = &node;
    node.armed_ = true;
    occupied_[level] |= bit(slot);
    ++armed_;
}

void WheelCore::unlink(TimerNode& node) {
    TimerNode*& first = wheel_[node.level_][node.slot_];
    if (node.prev_) {
        node.prev_->next_ = node.next_;
    } else {
        first = node.next_;
    }
    if (node.next_) node.next_->prev_ = node.prev_;
    if (!first) occupied_[node.level_] &= ~bit(node.slot_);
    node.prev_ = node.next_ = nullptr;
    node.armed_ = false;
    --armed_;
}

std::optional<std::uint64_t> WheelCore::next_event() const {
    std::optional<std::uint64_t> best;
    for (std::size_t level = 0; level < levels; ++level) {
        if (occupied_[level] == 0) continue;
        const std::uint64_t now = current_ >> (6 * level);
        // Slot i+1 places after the current one to bit i: the nearest is the lowest set bit.
        const auto turned = std::rotr(occupied_[level], static_cast<int>((now + 1) % slots));
        const auto distance = static_cast<std::uint64_t>(std::countr_zero(turned)) + 1;
        const std::uint64_t at = (now + distance) << (6 * level);
        if (!best || at < *best) best = at;
    }
    return best;
}

void WheelCore::fire_slot(std::size_t slot) {
    TimerNode*& first = wheel_[0][slot];
    while (first) {
        TimerNode& node = *first;
        unlink(node);
        node.on_timer();
    }
}

void WheelCore::cascade(std::size_t level, std::size_t slot) {
    TimerNode* node = wheel_[level][slot];
    while (node) {
        TimerNode* next = node->next_;
        unlink(*node);
        insert(*node);
        node = next;
    }
}

// Everything that happens at one tick: higher levels first, as they may hold deadlines of this
// tick.
void WheelCore::step(std::uint64_t tick_now) {
    current_ = tick_now;
    for (std::size_t level = levels - 1; level > 0; --level) {
        const std::uint64_t span = std::uint64_t{1} << (6 * level);
        if (tick_now % span == 0) cascade(level, (tick_now / span) % slots);
    }
    fire_slot(tick_now % slots);
}

void WheelCore::advance(SteadyTime now) {
    const std::uint64_t target = ticks_at(now);
    for (auto event = next_event(); event && *event <= target; event = next_event())
        step(*event);
    current_ = std::max(current_, target);
}

std::optional<SteadyTime> WheelCore::next_wake() const {
    const auto event = next_event();
    if (!event) return std::nullopt;
    return start_ + tick * static_cast<std::int64_t>(*event);
}

TimerWheel::TimerWheel(boost::asio::io_context& context)
    : core_(std::chrono::steady_clock::now()), timer_(context) {}

void TimerWheel::arm(TimerNode& node, Millis after) {
    core_.arm(node, std::chrono::steady_clock::now(), after);
    schedule();
}

// The timer is only moved forward: a wake-up that turns out to be too early costs less than a
// syscall for each deadline that was met.
void TimerWheel::schedule() {
    const auto wake = core_.next_wake();
    if (stopped_ || !wake || (scheduled_ && *scheduled_ <= *wake)) return;
    scheduled_ = wake;
    timer_.expires_at(*wake);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        scheduled_.reset();
        core_.advance(std::chrono::steady_clock::now());
        schedule();
    });
}

void TimerWheel::stop() {
    stopped_ = true;
    timer_.cancel();
}

}  // namespace ccr::net
