// SPDX-License-Identifier: MIT
// What somebody who forgot the quotes meant.
#pragma once

#include <string>
#include <string_view>

namespace ccr::transform {

// A bare word as JSON: numbers and literals of JSON, JavaScript and Python, else a string.
[[nodiscard]] std::string json_of_word(std::string_view word);

}  // namespace ccr::transform
