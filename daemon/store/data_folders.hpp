// SPDX-License-Identifier: MIT
// Where the files that come with the program are.
#pragma once

#include <string>
#include <vector>

namespace ccr::store {

// ../share/ccr from the program (an installation that was moved, a build tree), then the data
// folder that the build was configured with.
[[nodiscard]] std::vector<std::string> data_folders();

}  // namespace ccr::store
