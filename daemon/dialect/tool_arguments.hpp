// SPDX-License-Identifier: MIT
// The arguments of a tool call that came whole, as the JSON object that they should be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace ccr::dialect {

// One object per call: more than one if a provider ran two calls together. Nothing ("" or null) is
// {}. The same object sent twice counts once. Error{malformed} for anything else; nothing is
// guessed.
[[nodiscard]] Result<std::vector<std::string>> read_arguments(std::string_view text);

}  // namespace ccr::dialect
