// SPDX-License-Identifier: MIT
#include "ctl/commands.hpp"
#include "ctl/completion.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {

int completion(const Arguments& arguments) {
    const std::string shell = arguments.operand(0);
    if (shell == "bash") {
        out(bash_completion());
    } else if (shell == "zsh") {
        out(zsh_completion());
    } else if (shell == "fish") {
        out(fish_completion());
    } else {
        return complain(exit_usage, "completion: there are scripts for bash, zsh and fish only");
    }
    return exit_ok;
}

}  // namespace ccr::ctl
