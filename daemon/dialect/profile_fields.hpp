// SPDX-License-Identifier: MIT
// Private to the profile's sources.
#pragma once

#include "daemon/dialect/profile.hpp"

namespace ccr::dialect {

// Puts the fields that the config had set in `base` back into a profile made from it.
void restore_pinned(Profile& profile, const Profile& base);

}  // namespace ccr::dialect
