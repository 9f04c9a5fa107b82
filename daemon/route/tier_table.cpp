// SPDX-License-Identifier: MIT
#include "daemon/route/tier_table.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace ccr::route {
namespace {

bool contains(const std::vector<Target>& targets, const Target& wanted) {
    return std::any_of(targets.begin(), targets.end(),
                       [&wanted](const Target& target) { return same_target(target, wanted); });
}

void add(const Directory& directory, const config::TargetRef& ref, std::vector<Target>& targets) {
    if (ref.empty()) return;
    const Provider* provider = directory.find(ref.provider);
    if (provider == nullptr || provider->dialect == nullptr) return;
    const auto* listed = provider->config->find_model(ref.model);
    Target target{provider, listed != nullptr ? listed->name : ref.model};
    if (!contains(targets, target)) targets.push_back(std::move(target));
}

}  // namespace

bool same_target(const Target& a, const Target& b) {
    return a.provider == b.provider && a.model == b.model;
}

TierTable TierTable::build(const Directory& directory) {
    TierTable table;
    const config::Router& router = directory.config().router;
    for (const auto& ref : router.tiers)
        add(directory, ref, table.targets_);
    if (table.targets_.empty()) {
        for (const auto* ref : {&router.default_target, &router.think, &router.long_context,
                                &router.background, &router.web_search, &router.image}) {
            add(directory, *ref, table.targets_);
        }
    }
    for (std::size_t i = 1; i <= table.targets_.size(); ++i)
        table.labels_.push_back("tier-" + std::to_string(i));
    for (const auto& [route, refs] : directory.config().fallback) {
        auto& [name, targets] = table.fallbacks_.emplace_back();
        name = route;
        for (const auto& ref : refs)
            add(directory, ref, targets);
    }
    return table;
}

std::optional<std::size_t> TierTable::position(const Target& target) const {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        if (same_target(targets_[i], target)) return i;
    }
    return std::nullopt;
}

std::string_view TierTable::label(const Target& target) const {
    const auto at = position(target);
    return at ? label(*at) : std::string_view();
}

const std::vector<Target>& TierTable::fallbacks(std::string_view route) const {
    for (const auto& [name, targets] : fallbacks_) {
        if (iequals(name, route)) return targets;
    }
    return targets_;
}

void TierTable::add_fallbacks(std::string_view route, std::vector<Target>& candidates) const {
    for (const Target& target : fallbacks(route)) {
        if (!contains(candidates, target)) candidates.push_back(target);
    }
}

}  // namespace ccr::route
