// SPDX-License-Identifier: MIT
// `ccrd --check`: what the loader, the provider quirk table and the presets have to say, all at
// once. Reads files; starts nothing.
#pragma once

#include <string>
#include <vector>

#include "common/config/load.hpp"

namespace ccr {

struct ConfigCheck {
    std::vector<config::Problem> problems;  // of the file in file order, then of its presets
    bool ok = false;                        // the daemon would start with it
};

// A preset with an error is left out by the daemon, and so does not count against `ok`.
[[nodiscard]] ConfigCheck check_config(const std::string& file,
                                       const config::Lookup& lookup = config::system_lookup());

}  // namespace ccr
