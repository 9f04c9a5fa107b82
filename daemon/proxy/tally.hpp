// SPDX-License-Identifier: MIT
// Who counts what: every attempt and every served request goes into the loop's counters exactly
// once, whatever became of it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/route/plan.hpp"
#include "daemon/stats/book.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::proxy {

struct Outcome;
struct Turn;

// Where the counters of a configuration's targets are, and what the targets cost. Built once per
// load.
class TargetSlots {
  public:
    struct Account {
        stats::Slot slot = 0;
        const stats::Price* price = nullptr;  // null: not known
    };

    // `preset`: the one that the configuration is, or empty. `prices` are for what the
    // configuration states no price for.
    static TargetSlots build(const route::Directory& directory, stats::Book& book,
                             std::shared_ptr<const stats::PriceList> prices,
                             std::string_view preset = {});

    [[nodiscard]] Account of(const route::Target& target) const;
    [[nodiscard]] stats::Preset preset() const { return preset_; }
    [[nodiscard]] const std::vector<stats::Tier>& tiers() const { return tiers_; }

  private:
    struct Entry {
        std::string model;
        Account account;
    };
    struct Models {
        std::vector<Entry> known;
        stats::Slot others = 0;
    };
    Models& models_of(const route::Provider& provider);
    [[nodiscard]] const stats::Price* price(const route::Provider& provider,
                                            std::string_view model) const;

    const Config* config_ = nullptr;
    std::shared_ptr<const stats::PriceList> prices_;
    stats::Preset preset_ = stats::no_preset;
    const route::Provider* first_ = nullptr;
    std::vector<Models> providers_;  // parallel to Directory::providers()
    std::vector<stats::Tier> tiers_;
};

// What counting has to remember of a turn's attempt before.
struct TallyState {
    stats::CellKey where;  // of the attempt that is under way, or was last
    const stats::Price* price = nullptr;
    std::optional<stats::Slot> slot;  // of the last one that has ended
    stats::Reason reason = stats::Reason::timeout;
    bool served = false;
    std::chrono::nanoseconds upstream_wait{0};  // of all attempts
};

// An attempt begins. Each is followed by one tally_attempt().
void tally_start(Turn& turn, const route::Target& target);
// An attempt has ended. To be called once per attempt, before the next one or conclude().
void tally_attempt(Turn& turn, const Outcome& outcome);
// The request has ended; after the last tally_attempt().
void tally_turn(const Turn& turn);

}  // namespace ccr::proxy
