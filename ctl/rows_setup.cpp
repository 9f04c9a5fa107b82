// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Operand, 1> config_file{{{.name = "FILE", .completes = Completes::file}}};

constexpr std::array<Command, 2> rows{{
    {.name = "check",
     .group = Group::setup,
     .help = "validate a configuration file",
     .text = "Validates a configuration, the one in use unless FILE names another: all problems at "
             "once, each with line and column. Exits with 78 if it cannot be used.",
     .operands = config_file,
     .json = true,
     .run = check},
    {.name = "config path",
     .group = Group::setup,
     .help = "print which configuration file is used",
     .run = config_path},
}};

}  // namespace

std::span<const Command> setup_commands() {
    return rows;
}

}  // namespace ccr::ctl
