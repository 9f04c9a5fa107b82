// SPDX-License-Identifier: MIT
// The tiers of a status as a table, and the colours of states.
#pragma once

#include <string>
#include <string_view>

#include "common/control/types.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {

[[nodiscard]] Colour state_colour(std::string_view state);
// Empty without tiers.
[[nodiscard]] std::string tier_table(const control::Status& status, const Terminal& where);

}  // namespace ccr::ctl
