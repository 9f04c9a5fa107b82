// SPDX-License-Identifier: MIT
// Members that the configuration adds to a body, whatever the body's dialect.
#pragma once

#include <span>
#include <string>

#include "daemon/dialect/overlay.hpp"

namespace ccr::dialect {

// The body, a JSON object, with the members laid over it in their order. Every byte that no member
// concerns stays as it is; a body that is no object is given back unchanged.
[[nodiscard]] std::string with_members(std::string body, std::span<const ExtraMember> members);

}  // namespace ccr::dialect
