// SPDX-License-Identifier: MIT
// A page of the control channel as a command's output.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "ctl/arguments.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {

// Fetches `target` and prints it: as it came with --json, else as `human` words it. Gives the exit
// code.
int report(const Arguments& arguments, std::string_view target,
           std::string (*human)(json::Value root, const Terminal& where));

}  // namespace ccr::ctl
