// SPDX-License-Identifier: MIT
#include <iostream>

#include "common/paths.hpp"
#include "ctl/commands.hpp"

namespace ccr::ctl {

int config_path(const Options& options) {
    std::cout << paths::config_file(options.config) << '\n';
    return exit_ok;
}

}  // namespace ccr::ctl
