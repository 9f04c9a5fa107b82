// SPDX-License-Identifier: MIT
// What the daemon keeps over restarts: $STATE_DIRECTORY under systemd, else the user's state home.
#pragma once

#include <string>

namespace ccr::state_dir {

// Empty if there is no place to write.
[[nodiscard]] std::string path();

// The key that signs handed-out reasoning. Kept in a file of mode 0600, made at the first start, so
// that conversations go on over a restart; without a place to write it lasts for this process only,
// which is logged.
[[nodiscard]] std::string envelope_key();

}  // namespace ccr::state_dir
