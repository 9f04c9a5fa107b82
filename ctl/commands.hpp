// SPDX-License-Identifier: MIT
// The commands of `ccr`, one per cmd_*.cpp, each with its row in a rows_*.cpp. A command prints its
// result to stdout, what went wrong to stderr, and gives the process's exit code.
#pragma once

#include "ctl/arguments.hpp"
#include "ctl/command.hpp"

namespace ccr::ctl {

int activate(const Arguments& arguments);
int check(const Arguments& arguments);
int code(const Arguments& arguments);
int code_with_preset(const Arguments& arguments, const std::string& preset);  // ccr PRESET ARGS
// Whether a word that is no command names a preset.
[[nodiscard]] bool is_preset(const Arguments& arguments, const std::string& word);
int config_migrate(const Arguments& arguments);
int config_path(const Arguments& arguments);
int config_set(const Arguments& arguments);
int config_show(const Arguments& arguments);
int config_unset(const Arguments& arguments);
int key_add(const Arguments& arguments);
int key_list(const Arguments& arguments);
int key_remove(const Arguments& arguments);
int model(const Arguments& arguments);
int preset_delete(const Arguments& arguments);
int preset_export(const Arguments& arguments);
int preset_install(const Arguments& arguments);
int preset_list(const Arguments& arguments);
int preset_show(const Arguments& arguments);
int statusline(const Arguments& arguments);
int doctor(const Arguments& arguments);
int explain(const Arguments& arguments);
int ui(const Arguments& arguments);
int version(const Arguments& arguments);

int completion(const Arguments& arguments);
int latencies(const Arguments& arguments);
int logs(const Arguments& arguments);
int man_page(const Arguments& arguments);
int reload(const Arguments& arguments);
int restart(const Arguments& arguments);
int start(const Arguments& arguments);
int status(const Arguments& arguments);
int stop(const Arguments& arguments);
int top(const Arguments& arguments);
int usage(const Arguments& arguments);

}  // namespace ccr::ctl
