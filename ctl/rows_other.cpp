// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Command, 1> rows{{
    {.name = "version",
     .group = Group::other,
     .help = "print the version",
     .json = true,
     .run = version},
}};

}  // namespace

std::span<const Command> other_commands() {
    return rows;
}

}  // namespace ccr::ctl
