// SPDX-License-Identifier: MIT
// The registry: one row per transformer.
#pragma once

#include <span>
#include <string_view>

#include "daemon/transform/transform.hpp"

namespace ccr::transform {

[[nodiscard]] std::span<const Transform> transforms();
// Without regard to case. nullptr: no such transformer.
[[nodiscard]] const Transform* find_transform(std::string_view name);

}  // namespace ccr::transform
