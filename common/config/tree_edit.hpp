// SPDX-License-Identifier: MIT
// Finding, removing and printing parts of a parsed config. Internal to common/config.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/config/json5.hpp"

namespace ccr::config {

// The value at a path such as "Providers[0].models[1].name"; keys may hold dots and brackets
// themselves. nullptr: there is none.
[[nodiscard]] json5::Value* find_path(json5::Value& root, std::string_view path);

// Takes the member or element at the path out. False: there is none.
bool erase_path(json5::Value& root, std::string_view path);

// Every value below `root` with its path, parents first.
void each_path(const json5::Value& root,
               const std::function<void(const std::string& path, const json5::Value&)>& visit);

// JSON with two spaces of indentation; short arrays of plain values stay on one line.
[[nodiscard]] std::string to_pretty_json(const json5::Value& value);

}  // namespace ccr::config
