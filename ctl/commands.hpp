// SPDX-License-Identifier: MIT
// The commands of `ccr`, one per cmd_*.cpp, each with its row in a rows_*.cpp. A command prints its
// result to stdout, what went wrong to stderr, and gives the process's exit code.
#pragma once

#include "ctl/arguments.hpp"
#include "ctl/command.hpp"

namespace ccr::ctl {

int activate(const Arguments& arguments);
int check(const Arguments& arguments);
int config_path(const Arguments& arguments);
int version(const Arguments& arguments);

}  // namespace ccr::ctl
