// SPDX-License-Identifier: MIT
#include <iostream>

#include "common/paths.hpp"
#include "ctl/commands.hpp"

namespace ccr::ctl {

int config_path(const Arguments& arguments) {
    std::cout << paths::config_file(arguments.config()) << '\n';
    return exit_ok;
}

}  // namespace ccr::ctl
