// SPDX-License-Identifier: MIT
// Who counts what: every attempt and every served request goes into the loop's counters exactly
// once, whatever became of it.
#pragma once

#include <optional>
#include <vector>

#include "daemon/route/plan.hpp"
#include "daemon/stats/book.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::proxy {

struct Outcome;
struct Turn;

// Where the counters of a configuration's targets are. Built once per load.
class TargetSlots {
  public:
    static TargetSlots build(const route::Directory& directory, stats::Book& book);

    [[nodiscard]] stats::Slot of(const route::Target& target) const;
    [[nodiscard]] const std::vector<stats::Tier>& tiers() const { return tiers_; }

  private:
    struct Entry {
        std::string model;
        stats::Slot slot = 0;
    };
    struct Models {
        std::vector<Entry> known;
        stats::Slot others = 0;
    };
    Models& models_of(const route::Provider& provider);

    const route::Provider* first_ = nullptr;
    std::vector<Models> providers_;  // parallel to Directory::providers()
    std::vector<stats::Tier> tiers_;
};

// What counting has to remember of a turn's attempt before.
struct TallyState {
    std::optional<stats::Slot> slot;
    stats::Reason reason = stats::Reason::timeout;
    bool served = false;
};

// An attempt has ended. To be called once per attempt, before the next one or conclude().
void tally_attempt(Turn& turn, const Outcome& outcome);
// The request has ended; after the last tally_attempt().
void tally_turn(const Turn& turn);

}  // namespace ccr::proxy
