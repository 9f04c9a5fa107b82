// SPDX-License-Identifier: MIT
// JSON inside a JSON string, as function arguments travel.
#pragma once

#include <string_view>

#include "common/json.hpp"

namespace ccr::dialect {

// Writes a JSON text as the content of a string: without white space between tokens, escaped.
// Numbers and strings keep their spelling. The text must come from a parsed Document.
void write_as_string(json::Writer& out, std::string_view json);

}  // namespace ccr::dialect
