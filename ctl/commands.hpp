// SPDX-License-Identifier: MIT
// The commands of `ccr`, one per cmd_*.cpp, each with its row in main.cpp. A command prints its
// result to stdout, what went wrong to stderr, and gives the process's exit code.
#pragma once

#include <string>

namespace ccr::ctl {

// Exit codes shared by all commands.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_config = 78;  // EX_CONFIG

// What the command line said; a command reads the fields that its row offers.
struct Options {
    std::string config;  // --config FILE, or check's operand; empty: found by the search order
    bool json = false;   // --json
};

int activate(const Options& options);
int check(const Options& options);
int config_path(const Options& options);
int version(const Options& options);

}  // namespace ccr::ctl
