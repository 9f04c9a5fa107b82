// SPDX-License-Identifier: MIT
// A small file that is there whole or not at all, whatever interrupts its writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace ccr::store {

constexpr std::size_t max_state_file = std::size_t{16} << 20U;

// Nothing if there is no such file. ErrorKind::io; malformed for one that is larger than
// max_state_file.
[[nodiscard]] Result<std::optional<std::string>> read_file(const std::string& path);

// Writes aside, syncs and renames. Mode 0600; missing folders are made.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view content);

// Renames a file that cannot be used to "PATH.damaged-SECONDS", and gives that name.
[[nodiscard]] Result<std::string> set_aside(const std::string& path, std::int64_t now);

}  // namespace ccr::store
