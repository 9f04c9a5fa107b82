// SPDX-License-Identifier: MIT
#include "daemon/route/affinity.hpp"

namespace ccr::route {

void Affinity::set_options(const config::Promotion& options) {
    capacity_ = options.max_conversations;
    idle_ = options.conversation_idle;
    while (index_.size() > capacity_)
        remove(oldest_);
}

std::optional<Affinity::Key> Affinity::find(Key conversation, SteadyTime now) {
    const auto found = index_.find(conversation);
    if (found == index_.end()) return std::nullopt;
    const Slot slot = found->second;
    if (now - entries_[slot].used > idle_) {
        remove(slot);
        return std::nullopt;
    }
    return entries_[slot].target;
}

void Affinity::put(Key conversation, Key target, SteadyTime now) {
    if (capacity_ == 0) return;
    const auto found = index_.find(conversation);
    if (found != index_.end()) {
        Entry& entry = entries_[found->second];
        entry.target = target;
        entry.used = now;
        unlink(found->second);
        link_newest(found->second);
        return;
    }
    const Slot slot = make_room();
    entries_[slot] = {conversation, target, now, none, none};
    index_.emplace(conversation, slot);
    link_newest(slot);
}

Affinity::Slot Affinity::make_room() {
    if (index_.size() >= capacity_) remove(oldest_);
    if (free_.empty()) {
        entries_.emplace_back();
        return static_cast<Slot>(entries_.size() - 1);
    }
    const Slot slot = free_.back();
    free_.pop_back();
    return slot;
}

void Affinity::unlink(Slot slot) {
    const Entry& entry = entries_[slot];
    (entry.newer == none ? newest_ : entries_[entry.newer].older) = entry.older;
    (entry.older == none ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

void Affinity::link_newest(Slot slot) {
    entries_[slot].newer = none;
    entries_[slot].older = newest_;
    (newest_ == none ? oldest_ : entries_[newest_].newer) = slot;
    newest_ = slot;
}

void Affinity::remove(Slot slot) {
    unlink(slot);
    index_.erase(entries_[slot].conversation);
    free_.push_back(slot);
}

}  // namespace ccr::route
