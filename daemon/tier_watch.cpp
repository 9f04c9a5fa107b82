// SPDX-License-Identifier: MIT
#include "daemon/tier_watch.hpp"

#include <array>

namespace ccr {
namespace {

namespace change = control::change;

struct Standing {
    std::string_view state;
    control::StateChange change;
    std::string_view words;
};

constexpr std::array<Standing, 4> down{{
    {"open", change::breaker_open, "keeps failing and is left alone for now (breaker open)"},
    {"limited", change::tier_limited, "is rate limited"},
    {"misconfigured", change::tier_misconfigured, "refuses our key"},
    {"missing", change::tier_missing, "has no such model"},
}};

const Standing* standing_of(std::string_view state) {
    for (const Standing& entry : down) {
        if (entry.state == state) return &entry;
    }
    return nullptr;
}

}  // namespace

void TierWatch::look(const std::vector<stats::TargetHealth>& targets, proxy::EventFeed& feed) {
    std::map<stats::TargetName, std::string> now;
    up_ = count_ = 0;
    troubled_ = false;
    for (const auto& target : targets) {
        const Standing* standing = standing_of(target.state);
        const bool probing = target.state == "probing";
        if (target.tier != stats::other_tier) {
            ++count_;
            if (standing == nullptr) ++up_;
        }
        troubled_ = troubled_ || standing != nullptr || probing;
        const auto before = states_.find(target.name);
        const Place place{target.tier, target.name.provider, target.name.model};
        const std::string who =
            target.tier + " (" + target.name.provider + ", " + target.name.model + ") ";
        if (probing) {
            // Neither up nor down: what was said of it stands.
            if (before != states_.end()) now.insert(*before);
            continue;
        }
        if (standing == nullptr) {
            if (before == states_.end()) continue;
            announce(feed, change::tier_recovered, log::Level::info, who + "is back", place);
            continue;
        }
        now.emplace(target.name, target.state);
        if (before != states_.end() && before->second == target.state) continue;
        announce(feed, standing->change, log::Level::warn, who + std::string(standing->words),
                 place);
    }
    states_ = std::move(now);
}

}  // namespace ccr
