// SPDX-License-Identifier: MIT
// The targets that the configuration names, in the order in which they stand in for each other, and
// from it the candidates of a request. Built once per load, immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/route/plan.hpp"

namespace ccr::route {

class TierTable {
  public:
    // Router.tiers, or else the targets of the routes default, think, longContext, background,
    // webSearch, image; each once. Targets whose provider does not exist or cannot be used are left
    // out.
    static TierTable build(const Directory& directory);

    [[nodiscard]] const std::vector<Target>& targets() const { return targets_; }
    [[nodiscard]] std::optional<std::size_t> position(const Target& target) const;
    // "tier-1" for the first.
    [[nodiscard]] std::string_view label(std::size_t position) const { return labels_[position]; }
    // Empty for a target that is in no tier (one that the client named).
    [[nodiscard]] std::string_view label(const Target& target) const;

    // Who stands in for a route's target, that one left out: `fallback` of the route if it is
    // configured, else all tiers.
    [[nodiscard]] const std::vector<Target>& fallbacks(std::string_view route) const;
    // The same, behind what `candidates` has already.
    void add_fallbacks(std::string_view route, std::vector<Target>& candidates) const;

  private:
    std::vector<Target> targets_;
    std::vector<std::string> labels_;
    std::vector<std::pair<std::string, std::vector<Target>>> fallbacks_;  // by route
};

[[nodiscard]] bool same_target(const Target& a, const Target& b);

}  // namespace ccr::route
