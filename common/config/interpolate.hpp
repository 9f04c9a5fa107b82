// SPDX-License-Identifier: MIT
// ${NAME}, $NAME and ${NAME:-default} in config strings. Runs after parsing, string by string, so
// that no value can break the syntax of the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/load.hpp"

namespace ccr::config {

struct Expanded {
    std::string text;
    std::vector<std::string> undefined;  // names without value or default; left in the text
    bool used_variable = false;          // at least one reference stood in the text
};

// $NAME takes capitals, digits and underscores; ${...} any name. A default is taken as it stands.
[[nodiscard]] Expanded expand(std::string_view text, const Lookup& lookup);

}  // namespace ccr::config
