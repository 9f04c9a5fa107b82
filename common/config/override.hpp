// SPDX-License-Identifier: MIT
// A project's or session's own routes: a small file whose `Router` takes the place of the whole one
// in force.
#pragma once

#include <cstddef>
#include <string>

#include "common/config/load.hpp"
#include "common/result.hpp"

namespace ccr::config {

inline constexpr std::size_t max_override = std::size_t{256} << 10U;  // bytes

// Reads the file (JSON5) and resolves its routes against the config's providers. not_found: there
// is no such file, or it holds no Router; config: its first error, with the place. Blocks on the
// disk for one small read.
[[nodiscard]] Result<Router> load_router_override(const std::string& path, const Config& config,
                                                  const Lookup& lookup = system_lookup());

}  // namespace ccr::config
