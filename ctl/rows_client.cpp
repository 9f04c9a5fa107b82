// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Command, 1> rows{{
    {.name = "activate",
     .alias = "env",
     .group = Group::client,
     .help = "print shell exports that point a client here",
     .text = "Prints the environment that points a client of Anthropic's API at the router, for "
             "`eval \"$(ccr activate)\"`.",
     .run = activate},
}};

}  // namespace

std::span<const Command> client_commands() {
    return rows;
}

}  // namespace ccr::ctl
