// SPDX-License-Identifier: MIT
// The texts of -h, made from the rows. At most 80 columns wide.
#pragma once

#include <string>
#include <string_view>

#include "ctl/command.hpp"

namespace ccr::ctl {

// "ccr usage [--since TIME] [--by WHAT] [--json]"
[[nodiscard]] std::string synopsis(const Command& command);
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Command& command);
// Of a word like "config": its verbs.
[[nodiscard]] std::string help_text(std::string_view word);

}  // namespace ccr::ctl
