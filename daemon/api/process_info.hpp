// SPDX-License-Identifier: MIT
// The process as the kernel sees it.
#pragma once

#include "daemon/stats/report.hpp"

namespace ccr::api {

// What cannot be read is 0.
[[nodiscard]] stats::Process process_info();

}  // namespace ccr::api
