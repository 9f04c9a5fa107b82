// SPDX-License-Identifier: MIT
// Other programs: finding them, becoming one, and asking one something. No shell is involved.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace ccr::ctl {

// The executable file that a name means on PATH, or a path itself. Empty: there is none.
[[nodiscard]] std::string find_program(std::string_view name);

// This program's own file, to be named in other programs' settings.
[[nodiscard]] std::string own_program();

struct Ran {
    int code = -1;      // exit code; 128 + signal
    std::string out;    // of standard output, at most 1 MiB
    std::string error;  // of standard error, at most 64 KiB
};

// Runs it with `input` on its standard input and waits. `words` begins with the program itself,
// found by find_program. Errors (kind io): it cannot be started, or takes longer than `limit`.
[[nodiscard]] Result<Ran> run_program(const std::vector<std::string>& words, std::string_view input,
                                      Millis limit);

}  // namespace ccr::ctl
