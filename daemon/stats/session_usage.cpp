// SPDX-License-Identifier: MIT
#include "daemon/stats/session_usage.hpp"

namespace ccr::stats {

void SessionUsage::record(std::string_view session, std::int64_t input_tokens) {
    if (session.empty() || capacity_ == 0) return;
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(session); found != index_.end()) {
        found->second->input_tokens = input_tokens;
        entries_.splice(entries_.begin(), entries_, found->second);
        return;
    }
    if (entries_.size() >= capacity_) {
        index_.erase(entries_.back().session);
        entries_.pop_back();
    }
    entries_.push_front({std::string(session), input_tokens});
    index_.emplace(entries_.front().session, entries_.begin());
}

std::int64_t SessionUsage::last(std::string_view session) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(session);
    if (found == index_.end()) return 0;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->input_tokens;
}

std::size_t SessionUsage::size() {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace ccr::stats
