// SPDX-License-Identifier: MIT
// A preset's manifest: from template, schema and the user's values to the configuration they stand
// for. Internal to common/config.
#pragma once

#include "common/config/problems.hpp"

namespace ccr::config {

// The tree of config keys that a manifest means, placeholders filled in; what describes the preset
// and its values is left out. Positions are those of the manifest.
[[nodiscard]] json5::Value effective_config(const json5::Value& manifest, Problems& problems);

}  // namespace ccr::config
