// SPDX-License-Identifier: MIT
#include "daemon/proxy/lineup.hpp"

#include <algorithm>
#include <cstring>

#include "common/digest.hpp"
#include "common/text.hpp"
#include "daemon/route/search.hpp"
#include "daemon/search/tool.hpp"

namespace ccr::proxy {
namespace {

// Tells keys apart in memory and in the state file without giving anything of them away.
std::uint64_t fingerprint(const Secret& key) {
    const std::string digest = sha256(key.reveal());
    std::uint64_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

// What the request holds, found out when somebody asks.
struct Contents {
    std::optional<bool> images;
    bool about_search = false;
};

bool fits(const route::Target& target, const route::Capability& can, const Needs& needs,
          const config::WebSearch& engine, Contents& contents) {
    if (can.context_window > 0 && needs.tokens > can.context_window) return false;
    if (needs.chat == nullptr) return true;
    if (needs.chat->native_only && target.provider->dialect != needs.door) return false;
    if (can.tools == route::Ability::no && !needs.chat->tools.empty()) return false;
    if (contents.about_search && !route::can_search(target, *needs.chat, *needs.door, engine)) {
        return false;
    }
    if (can.images != route::Ability::no) return true;
    if (!contents.images) contents.images = route::image_anywhere(*needs.chat);
    return !*contents.images;
}

}  // namespace

void Lineup::add_entry(const route::Target& target) {
    const auto name = target_hash(target.provider->config->name, target.model);
    if (entry(name) != nullptr) return;
    entries_.push_back({target, name, route::capability(*target.provider, target.model)});
}

Lineup Lineup::build(const route::Directory& directory) {
    Lineup lineup;
    lineup.config_ = &directory.config();
    lineup.first_ = directory.providers().data();
    lineup.tiers_ = route::TierTable::build(directory);
    for (const auto& provider : directory.providers()) {
        auto& keys = lineup.keys_.emplace_back();
        for (const Secret& key : provider.config->keys)
            keys.push_back(fingerprint(key));
        if (keys.empty()) keys.push_back(0);
    }
    for (const auto& target : lineup.tiers_.targets())
        lineup.add_entry(target);
    for (const auto& [route, refs] : directory.config().fallback) {
        for (const auto& target : lineup.tiers_.fallbacks(route))
            lineup.add_entry(target);
    }
    const auto& longest = directory.config().router.long_context;
    if (longest.empty()) return lineup;
    const auto target = route::target_of(directory, longest);
    if (!target) return lineup;
    lineup.add_entry(*target);
    const auto name = target_hash(target->provider->config->name, target->model);
    lineup.long_context_ = static_cast<std::size_t>(lineup.entry(name) - lineup.entries_.data());
    return lineup;
}

std::span<const std::uint64_t> Lineup::keys(const route::Provider& provider) const {
    return keys_[static_cast<std::size_t>(&provider - first_)];
}

const config::Retry& Lineup::retry(const route::Target& target) const {
    const auto& own = config_->router.tier_retries;
    if (own.empty()) return config_->dispatch.retry;
    const std::string_view label = tiers_.label(target);
    for (const auto& [name, retry] : own) {
        if (iequals(name, label) || iequals(name, target.provider->config->name) ||
            (!name.empty() && iequals(name, target.provider->config->tier_name))) {
            return retry;
        }
    }
    return config_->dispatch.retry;
}

const Lineup::Entry* Lineup::entry(std::uint64_t name) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [name](const Entry& known) { return known.name == name; });
    return found == entries_.end() ? nullptr : &*found;
}

Seat Lineup::seat(const route::Target& target, std::uint64_t name) const {
    Seat seat;
    seat.target = &target;
    seat.name = name;
    seat.keys = keys(*target.provider);
    return seat;
}

std::vector<Seat> Lineup::seats(const std::vector<route::Target>& planned, std::string_view route,
                                const Needs& needs) const {
    const auto& fallbacks = tiers_.fallbacks(route);
    std::vector<Seat> out;
    out.reserve(planned.size() + fallbacks.size() + 1);
    Contents contents;
    contents.about_search = needs.chat != nullptr && search::is_the_point(*needs.chat);
    const auto add = [&](const route::Target& target) {
        const auto name = target_hash(target.provider->config->name, target.model);
        const bool known = std::any_of(out.begin(), out.end(),
                                       [name](const Seat& seat) { return seat.name == name; });
        if (known) return false;
        const Entry* entry = this->entry(name);
        Seat& seat = out.emplace_back(this->seat(target, name));
        const bool lone = planned.size() == 1 && fallbacks.size() <= 1;
        if (entry == nullptr && lone) return true;  // nobody else can be asked anyway
        const auto can =
            entry != nullptr ? entry->can : route::capability(*target.provider, target.model);
        seat.window = can.context_window;
        seat.fits = fits(target, can, needs, config_->web_search, contents);
        return true;
    };
    for (const auto& target : planned)
        add(target);
    for (const auto& target : fallbacks)
        add(target);
    if (long_context_ && add(entries_[*long_context_].target)) {
        out.back().spent = true;
        out.back().reserve = true;
    }
    return out;
}

}  // namespace ccr::proxy
