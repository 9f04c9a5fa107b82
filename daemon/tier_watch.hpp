// SPDX-License-Identifier: MIT
// Notices when a tier's standing changes, for the log, the journal and the event feed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/announce.hpp"
#include "daemon/stats/report.hpp"

namespace ccr {

class TierWatch {
  public:
    // Tells what is different from the last look.
    void look(const std::vector<stats::TargetHealth>& targets, proxy::EventFeed& feed);

    // By the last look.
    [[nodiscard]] std::size_t up() const { return up_; }
    [[nodiscard]] std::size_t count() const { return count_; }
    // A target is down, or on its way back: time alone may change that.
    [[nodiscard]] bool troubled() const { return troubled_; }

  private:
    std::map<stats::TargetName, std::string> states_;  // of targets that are not up
    std::size_t up_ = 0;
    std::size_t count_ = 0;
    bool troubled_ = false;
};

}  // namespace ccr
