// SPDX-License-Identifier: MIT
// The way of a changed configuration into its file, and from there into the running router.
#pragma once

#include <string>
#include <string_view>

#include "ctl/arguments.hpp"

namespace ccr::ctl {

// Writes the new text if it has no error that the old one had not, and says what is odd about it.
// Otherwise the file stays, and the errors are printed. Gives the exit code.
[[nodiscard]] int save_config(const std::string& path, std::string_view old_text,
                              std::string_view new_text);

// If the router runs with this file: has it read again, and says what came of it.
[[nodiscard]] int reload_if_running(const Arguments& arguments, const std::string& path);

}  // namespace ccr::ctl
