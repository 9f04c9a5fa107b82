// SPDX-License-Identifier: MIT
// What the status endpoints report, gathered at the time of the question.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "daemon/proxy/worker.hpp"
#include "daemon/stats/report.hpp"

namespace ccr::api {

namespace asio = boost::asio;

// The tier table in the order in which a new conversation would be tried now, then what else is
// known.
[[nodiscard]] std::vector<stats::TargetHealth> target_health(const proxy::Worker& worker);

[[nodiscard]] stats::Moment moment(const proxy::Worker& worker);

// The body of GET /v1/usage: all that was counted before the question is in it. ErrorKind::
// unavailable where the history cannot answer. To be awaited on the worker's loop.
[[nodiscard]] asio::awaitable<Result<std::string>> usage_report(proxy::Worker& worker,
                                                                stats::UsageQuestion question);

}  // namespace ccr::api
