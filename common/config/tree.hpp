// SPDX-License-Identifier: MIT
// The parsed tree made ready for reading: keys in their canonical spelling, variables expanded,
// every value checked against the schema. Internal to common/config.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/problems.hpp"
#include "common/config/schema.hpp"

namespace ccr::config {

struct Prepared {
    std::vector<ExtraKey> extra;   // unknown keys and those without effect
    bool has_literal_key = false;  // a secret stands in the file itself
};

// Changes `root` in place. A value of the wrong type is reported and becomes null, which reads as
// absent, so that one mistake gives one message.
Prepared prepare(json5::Value& root, const Lookup& lookup, Problems& problems);

// Reading a prepared tree. Absent, null and unusable values read as nothing.
[[nodiscard]] std::optional<double> number_of(const json5::Value& value);
[[nodiscard]] std::optional<bool> boolean_of(const json5::Value& value);
[[nodiscard]] std::optional<double> get_number(const json5::Value& object, std::string_view key);
[[nodiscard]] std::optional<bool> get_boolean(const json5::Value& object, std::string_view key);
[[nodiscard]] std::string get_string(const json5::Value& object, std::string_view key);
// An array of strings, or one string split at commas; parts are trimmed, empty ones dropped.
[[nodiscard]] std::vector<std::string> get_list(const json5::Value& object, std::string_view key);
// A path of the config as a usable one: "~" expanded, a relative one beside the config's file.
[[nodiscard]] std::string resolve_path(std::string_view path, const std::string& config_file);
// The member if it is present and not null.
[[nodiscard]] const json5::Member* get(const json5::Value& object, std::string_view key);

}  // namespace ccr::config
