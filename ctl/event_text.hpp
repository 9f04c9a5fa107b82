// SPDX-License-Identifier: MIT
// An event of the feed as a line for people.
#pragma once

#include <string>

#include "common/control/types.hpp"

namespace ccr::ctl {

// "20:15:03" of Unix milliseconds, local time.
[[nodiscard]] std::string time_of_day(std::int64_t milliseconds);
// Without a newline, nothing in it that steers a terminal. Empty for what is told by a later event.
[[nodiscard]] std::string event_line(const control::Event& event, bool colour);

}  // namespace ccr::ctl
