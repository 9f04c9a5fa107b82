// SPDX-License-Identifier: MIT
#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {

std::span<const Command> watch_commands() {
    return {};
}

}  // namespace ccr::ctl
