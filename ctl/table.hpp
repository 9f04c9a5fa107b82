// SPDX-License-Identifier: MIT
// All commands, in the order of the man pages: rows_service, rows_watch, rows_client, rows_setup,
// rows_other. A new command is a cmd_*.cpp, a line in commands.hpp and a row in one of those.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/command.hpp"

namespace ccr::ctl {

[[nodiscard]] std::span<const Command> service_commands();
[[nodiscard]] std::span<const Command> watch_commands();
[[nodiscard]] std::span<const Command> client_commands();
[[nodiscard]] std::span<const Command> setup_commands();
[[nodiscard]] std::span<const Command> other_commands();

[[nodiscard]] const std::vector<const Command*>& all_commands();

struct GroupInfo {
    Group group;
    std::string_view name;   // of its man page: ccr-<name>(1)
    std::string_view title;  // of its section
    std::string_view text;   // its page's description
};
[[nodiscard]] std::span<const GroupInfo> groups();

// By name or alias; `second` is the next word, for "config path". Null: no such command.
[[nodiscard]] const Command* find_command(std::string_view word, std::string_view second);
// Whether `word` begins commands of two words; then their second words, in order.
[[nodiscard]] std::vector<std::string_view> verbs_of(std::string_view word);
// Own options, --json where taken, and the common ones.
[[nodiscard]] std::vector<const Option*> all_options(const Command& command);
// The known word nearest to `word`, or empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string_view> known);
[[nodiscard]] std::string suggest_command(std::string_view word);

}  // namespace ccr::ctl
