// SPDX-License-Identifier: MIT
// ccrd as a background process of its own, where no service manager runs it.
#pragma once

#include <string>

#include "common/result.hpp"
#include "ctl/arguments.hpp"

namespace ccr::ctl {

struct Launched {
    int pid = 0;
    std::string status;    // its own word about how it is
    std::string log_file;  // where its stderr goes
};

// Starts it in a session of its own and waits until it says that it is ready, at most `limit`. An
// error's text is what it wrote to its log, its upstream_status the exit code (0: none); a process
// that is not ready in time is ended.
[[nodiscard]] Result<Launched> launch(const Arguments& arguments, Millis limit = Millis{5000});

// $CCRD, else beside ccr, else on $PATH.
[[nodiscard]] std::string daemon_program();
// $XDG_STATE_HOME/ccr/ccrd.log, else in ~/.local/state/ccr.
[[nodiscard]] std::string log_file();

}  // namespace ccr::ctl
