// SPDX-License-Identifier: MIT
// Completion scripts, made from the rows.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ctl/command.hpp"

namespace ccr::ctl {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

// The words that may stand first, each with its help; of a group all its verbs are the help.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> first_words();

}  // namespace ccr::ctl
