// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Operand, 1> shell{{{.name = "SHELL",
                                         .required = true,
                                         .completes = Completes::words,
                                         .choices = "bash zsh fish"}}};
constexpr std::array<Operand, 1> page{{{.name = "PAGE", .required = true}}};

constexpr std::array<Command, 3> rows{{
    {.name = "version",
     .group = Group::other,
     .help = "print the version",
     .json = true,
     .run = version},
    {.name = "completion",
     .group = Group::other,
     .help = "print completions for bash, zsh or fish",
     .text = "Prints a script that completes commands, options and their values, for "
             "`source <(ccr completion bash)` or a file where the shell looks for completions.",
     .operands = shell,
     .run = completion},
    // The build writes the manual with it.
    {.name = "man-page",
     .group = Group::other,
     .help = "print a page of the manual, as mdoc",
     .operands = page,
     .hidden = true,
     .run = man_page},
}};

}  // namespace

std::span<const Command> other_commands() {
    return rows;
}

}  // namespace ccr::ctl
