// SPDX-License-Identifier: MIT
// Who may serve the requests of one configuration: its tiers and fallbacks, what each of them can
// do, and which credentials it has. Built once per load, immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/proxy/health.hpp"
#include "daemon/route/capability.hpp"
#include "daemon/route/tier_table.hpp"

namespace ccr::proxy {

// What a request asks of its target.
struct Needs {
    const chat::Request* chat = nullptr;
    const dialect::Dialect* door = nullptr;
    std::int64_t tokens = 0;  // of input, estimated
};

class Lineup {
  public:
    static Lineup build(const route::Directory& directory);

    [[nodiscard]] const route::TierTable& tiers() const { return tiers_; }
    // Fingerprints of a provider's credentials; one made-up one where it has none.
    [[nodiscard]] std::span<const std::uint64_t> keys(const route::Provider& provider) const;
    // How often and how soon a target is asked again after a passing failure.
    [[nodiscard]] const config::Retry& retry(const route::Target& target) const;

    // The target of the longContext route.
    [[nodiscard]] bool takes_longest(const Seat& seat) const {
        return long_context_ && entries_[*long_context_].name == seat.name;
    }

    // The candidates of a request: the planned ones, then those that stand in for them. One that
    // takes the longest prompts comes last, spent, for a prompt that turns out to be too long. The
    // seats point into `planned` and into this object.
    [[nodiscard]] std::vector<Seat> seats(const std::vector<route::Target>& planned,
                                          std::string_view route, const Needs& needs) const;

  private:
    struct Entry {
        route::Target target;
        std::uint64_t name = 0;
        route::Capability can;
    };

    [[nodiscard]] Seat seat(const route::Target& target, std::uint64_t name) const;
    [[nodiscard]] const Entry* entry(std::uint64_t name) const;
    void add_entry(const route::Target& target);

    const Config* config_ = nullptr;
    const route::Provider* first_ = nullptr;
    route::TierTable tiers_;
    std::vector<Entry> entries_;                    // all tiers and fallbacks
    std::vector<std::vector<std::uint64_t>> keys_;  // parallel to Directory::providers()
    std::optional<std::size_t> long_context_;       // index into entries_
};

}  // namespace ccr::proxy
