// SPDX-License-Identifier: MIT
// Starting and stopping the router, by the service manager where ccrd.service is installed, else
// as a process of our own. Used by start, stop, restart, and by what needs a running router.
#pragma once

#include <optional>
#include <string>

#include "common/control/types.hpp"
#include "common/result.hpp"
#include "ctl/arguments.hpp"
#include "ctl/client.hpp"
#include "ctl/unit.hpp"

namespace ccr::ctl {

// The unit that the arguments are about. None where --control or --config name a router of one's
// own, or where no unit is installed.
[[nodiscard]] std::optional<Found> unit_for(const Arguments& arguments);

// The running router's own words; ErrorKind::connect when it does not run. Does not wake a socket
// activated service that is not running.
[[nodiscard]] Result<control::Status> ask_status(Client& client, const std::optional<Found>& unit);

// Starts it unless it runs, and waits until it serves. `quiet`: says nothing when all is well.
// Gives the exit code; what went wrong has been told.
int start_service(const Arguments& arguments, bool quiet);

// Tells how a unit came up that a job has started, or why not. `result`: the job's.
int report_start(Found& found, const std::string& result, bool quiet);

// Stops it after its drain (at once with --now), showing how far that is; a second Ctrl-C ends what
// is left. 0 too when it does not run.
int stop_service(const Arguments& arguments, bool quiet);

// "3 requests in flight, at most 4 min 10 s more"
[[nodiscard]] std::string progress(const control::Drain& drain);

}  // namespace ccr::ctl
