// SPDX-License-Identifier: MIT
// Reading and replacing files and what stands on standard input.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>

#include "common/result.hpp"

namespace ccr::ctl {

// At most `limit` bytes; "-" is standard input. Errors (kind io) name the file and the reason.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit);

// Replaces the file as a whole, or not at all. Mode and owner stay those of the old file, a new one
// gets `mode`; a symbolic link stays one. Missing directories are made, for the owner only.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view text,
                                        mode_t mode = 0600);

// Keeps what the file is now under another name as well, FILE.old or with a number behind that, and
// gives that name. For the file that replace_file() puts in its place afterwards.
[[nodiscard]] Result<std::string> keep_old(const std::string& path);

// mkdir -p, each new one with `mode`.
[[nodiscard]] Result<void> make_directories(const std::string& path, mode_t mode = 0700);

// "permission denied" and the like, in words.
[[nodiscard]] std::string reason(int error);

// The exit code for an error of one of these: exit_permission where permission is what lacks.
[[nodiscard]] int exit_code_of(const Error& error);

// One line from standard input, without its line end. On a terminal `prompt` is shown first; with
// `hidden` what is typed is not, and the terminal is as before on every way out. Nothing at the end
// of the input.
[[nodiscard]] std::optional<std::string> ask(std::string_view prompt, bool hidden = false);

// Whether somebody can be asked: standard input and standard error are terminals.
[[nodiscard]] bool can_ask();

}  // namespace ccr::ctl
