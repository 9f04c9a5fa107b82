// SPDX-License-Identifier: MIT
#include "ctl/commands.hpp"
#include "ctl/manual.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {

int man_page(const Arguments& arguments) {
    const auto page = manual_page(arguments.operand(0));
    if (page) {
        out(*page);
        return exit_ok;
    }
    std::string names;
    for (const std::string& name : manual_pages())
        names += " " + name;
    return complain(exit_usage, "man-page: there are" + names);
}

}  // namespace ccr::ctl
