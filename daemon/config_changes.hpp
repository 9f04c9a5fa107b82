// SPDX-License-Identifier: MIT
// What is different between two configurations, by the names of their keys. Never says a value.
#pragma once

#include <string>
#include <vector>

#include "common/config/json5.hpp"

namespace ccr {

// "Router.default", "Providers.openrouter.models", "LOG_LEVEL": keys of the top level and what is
// directly below them; providers by their names. In the order of `after`, then what is gone.
[[nodiscard]] std::vector<std::string> changed_keys(const json5::Value& before,
                                                    const json5::Value& after);

}  // namespace ccr
