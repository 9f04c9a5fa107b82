// SPDX-License-Identifier: MIT
// Changes single values in the text of a config file. Comments, order, spelling and white space of
// everything else stay as they are. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/json5.hpp"
#include "common/result.hpp"

namespace ccr::config {

// One part of a path such as Router.default, Providers[0].models, Providers[deepseek].api_key or
// transformer["glm-4.7"].use.
struct PathPart {
    std::string text;          // key; of an element: its index or its `name`
    bool in_brackets = false;  // without quotes inside: an element where the value is an array
};

// Errors are of kind config and say what is wrong with the path.
[[nodiscard]] Result<std::vector<PathPart>> parse_path(std::string_view path);

// The row of the schema that a path means, in the file's or the schema's spelling of its keys;
// "Providers[].name". Nothing for a key that the schema does not know.
[[nodiscard]] std::optional<std::string> schema_path(const std::vector<PathPart>& path);

// The value in a parsed file; keys match in any spelling that the schema accepts. nullptr: none.
[[nodiscard]] const json5::Value* value_at(const json5::Value& root,
                                           const std::vector<PathPart>& path);

// The text with the value at `path` being `json`, which must be valid JSON5. Objects that are
// missing on the way are made; an index equal to an array's length appends to it. Errors: the text
// or the path cannot be used (kind config).
[[nodiscard]] Result<std::string> set_in_text(std::string_view text,
                                              const std::vector<PathPart>& path,
                                              std::string_view json);

// The text without that member or element, and without the comment on its line. Unchanged if there
// is none.
[[nodiscard]] Result<std::string> remove_from_text(std::string_view text,
                                                   const std::vector<PathPart>& path);

}  // namespace ccr::config
