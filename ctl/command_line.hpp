// SPDX-License-Identifier: MIT
// From the words of the command line to a command and its arguments.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/command.hpp"

namespace ccr::ctl {

struct Parsed {
    enum class What : std::uint8_t { command, help, version, unknown, error };
    What what = What::error;
    const Command* command = nullptr;  // of `command`; of `help`: whose, null for ccr's own
    std::string word;  // of `help`: a word like "config" whose verbs are asked for; of `unknown`:
                       // the word, which may be a preset's name, with all behind it as the operands
    Arguments arguments;
    std::string error;  // of `unknown` and `error`, one line: what is wrong and what to do
};

// `words` without the program's name.
[[nodiscard]] Parsed parse_command_line(const std::vector<std::string>& words);

}  // namespace ccr::ctl
