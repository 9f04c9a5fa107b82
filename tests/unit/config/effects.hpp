// SPDX-License-Identifier: MIT
// Cases for effects_test.cpp: false for the plain config and true with the key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/model.hpp"

namespace ccr::config {

struct Effect {
    std::string_view path;
    std::string text;  // members for the place that the path says
    bool (*holds)(const Config&);
};

// Of the sections about retries, limits and the order of targets; all at the top level.
[[nodiscard]] const std::vector<Effect>& dispatch_effects();

}  // namespace ccr::config
