// SPDX-License-Identifier: MIT
// What a command of `ccr` is, as data: the command line, -h, the man pages and the completions are
// all made of these rows, so that they cannot disagree.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ctl/arguments.hpp"

namespace ccr::ctl {

// Exit codes of all commands. `ccr status` is LSB's: 0 running, 3 stopped, 4 unknown.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_not_running = 3;
inline constexpr int exit_permission = 4;
inline constexpr int exit_unavailable = 69;  // EX_UNAVAILABLE: something outside does not answer
inline constexpr int exit_tempfail = 75;     // EX_TEMPFAIL: not now; try again
inline constexpr int exit_config = 78;       // EX_CONFIG

// One section of ccr(1) and one page, ccr-<group>(1), each.
enum class Group : std::uint8_t { service, watch, client, setup, other };

// What an option's value or an operand is, for the completions. `words` stands in `choices`.
enum class Completes : std::uint8_t { nothing, file, directory, words };

struct Option {
    std::string_view name;   // without its dashes
    char letter = 0;         // -x; 0: none
    std::string_view value;  // what the value is called; empty: a flag
    std::string_view help;
    Completes completes = Completes::nothing;
    std::string_view choices = {};  // of `words`, with blanks between them
    bool many = false;              // may be given again; Arguments::values has them all
};

struct Operand {
    std::string_view name;  // in capitals
    bool required = false;
    bool many = false;  // this one and all after it
    Completes completes = Completes::nothing;
    std::string_view choices = {};
};

struct Command {
    std::string_view name;  // "group verb" for one of several verbs: "config path"
    std::string_view alias = {};
    Group group = Group::other;
    std::string_view help;       // one line, lower case, no full stop; at most 60 characters
    std::string_view text = {};  // -h and the man page: paragraphs with an empty line between them,
                                 // `literals` in backticks, placeholders in CAPITALS
    std::span<const Option> options = {};  // beside the common ones
    std::span<const Operand> operands = {};
    bool json = false;      // prints data, so takes --json
    bool verbatim = false;  // everything after its name belongs to another program, -h included
    bool hidden = false;    // neither in help, man pages nor completions
    int (*run)(const Arguments&) = nullptr;
};

// Taken by every command, before or after its name (only before it by a verbatim one).
[[nodiscard]] std::span<const Option> common_options();
[[nodiscard]] const Option& json_option();

}  // namespace ccr::ctl
