// SPDX-License-Identifier: MIT
#include <iostream>

#include "ctl/commands.hpp"

namespace ccr::ctl {

int version(const Arguments& arguments) {
    if (arguments.json()) {
        std::cout << "{\"version\":\"" CCR_VERSION "\"}\n";
    } else {
        std::cout << "ccr " CCR_VERSION "\n";
    }
    return exit_ok;
}

}  // namespace ccr::ctl
