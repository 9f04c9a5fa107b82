// SPDX-License-Identifier: MIT
// Where things are on this machine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ccr::paths {

using Env = std::function<std::optional<std::string>(std::string_view name)>;

// The process environment; a variable that is set but empty counts as unset.
[[nodiscard]] std::optional<std::string> environment(std::string_view name);

// $HOME, else the home directory of the password database; empty when neither is known.
[[nodiscard]] std::string home(const Env& env = environment);

// "~" and "~/x" by home(); anything else as it is.
[[nodiscard]] std::string expand_home(std::string_view path, const Env& env = environment);

// The config file to use: the option if given, else CCR_CONFIG, else /etc/ccr/config.json for a
// system service, else ~/.claude-code-router/config.json. The file need not exist.
[[nodiscard]] std::string config_file(std::string_view option = {}, const Env& env = environment);

// $XDG_CONFIG_HOME/ccr/credentials, else ~/.config/ccr/credentials: one file for each key of the
// user's own service. Empty when the home directory is not known.
[[nodiscard]] std::string user_credentials(const Env& env = environment);

// Whether this process was started as a system service (a manager that is not the user's).
[[nodiscard]] bool system_service(const Env& env = environment);

}  // namespace ccr::paths
