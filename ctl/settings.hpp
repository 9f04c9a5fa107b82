// SPDX-License-Identifier: MIT
// The configuration as a command of the CLI sees it. The CLI runs as a person and not as the
// service, so it may not know what the service's credentials hold.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/config/load.hpp"
#include "ctl/arguments.hpp"

namespace ccr::ctl {

inline constexpr std::string_view system_config = "/etc/ccr/config.json";

// --config, else $CCR_CONFIG, else by --system or --user, else the user's if there is one, else the
// system's if there is one, else the user's.
[[nodiscard]] std::string config_file(const Arguments& arguments);

struct Settings {
    std::string path;
    std::shared_ptr<const Config> config;   // null: see problems
    std::vector<config::Problem> problems;  // of the load; without what only the service knows
    std::vector<std::string> unknown;       // variables without a value here

    [[nodiscard]] bool ok() const { return config != nullptr; }
    // Whether a value was put together with one of `unknown`.
    [[nodiscard]] static bool is_known(const Secret& value);
};

// A stand-in for each variable that has no value here.
[[nodiscard]] config::Lookup lenient_lookup(std::vector<std::string>* unknown = nullptr);

// Variables that have no value here get a stand-in, so that the rest can be used.
[[nodiscard]] Settings load_settings(const std::string& path);
// The same for a text that is not in the file yet.
[[nodiscard]] Settings check_settings(std::string_view text, const std::string& path);

// Prints the problems, errors as such, and what to do; gives the exit code.
int complain_about(const Settings& settings);

}  // namespace ccr::ctl
