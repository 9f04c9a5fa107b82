// SPDX-License-Identifier: MIT
// What `ccr top` shows, as text: no terminal, no socket, no clock.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/control/types.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {

struct Top {
    static constexpr std::size_t max_recent = 500;

    control::Status status;
    std::uint64_t total_requests = 0;
    std::optional<double> total_cost;
    double requests_per_minute = 0;
    std::deque<control::Event> recent;  // newest first
    std::size_t scrolled = 0;           // how many of the newest are out of sight
    std::string trouble;                // why what is shown is old; empty: it is not

    void add(control::Event event);
    // Moves through the recent ones; negative: towards the newest.
    void scroll(long by);
};

// Lines of one view, none wider than the terminal, as many as it has; with rows = 0 without limit.
[[nodiscard]] std::vector<std::string> view(const Top& top, const Terminal& where);

}  // namespace ccr::ctl
