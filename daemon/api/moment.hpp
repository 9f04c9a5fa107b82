// SPDX-License-Identifier: MIT
// What the status endpoints report, gathered at the time of the question.
#pragma once

#include <vector>

#include "daemon/proxy/worker.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::api {

// The tier table in the order in which a new conversation would be tried now, then what else is
// known.
[[nodiscard]] std::vector<stats::TargetHealth> target_health(const proxy::Worker& worker);

[[nodiscard]] stats::Moment moment(const proxy::Worker& worker);

}  // namespace ccr::api
