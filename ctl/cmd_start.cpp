// SPDX-License-Identifier: MIT
// start, stop, restart.
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {
namespace {

constexpr Millis restart_limit{20 * 60'000};

int restart_unit(Found& found) {
    auto result = found.manager.run(Job::restart, service_unit, restart_limit);
    if (!result) return complain(result.error());
    return report_start(found, *result, false);
}

}  // namespace

int start(const Arguments& arguments) {
    return start_service(arguments, false);
}

int stop(const Arguments& arguments) {
    return stop_service(arguments, false);
}

int restart(const Arguments& arguments) {
    if (auto found = unit_for(arguments)) return restart_unit(*found);
    // The new one takes over what the old one was started with, unless told otherwise.
    Arguments again = arguments;
    Client client(arguments);
    if (auto status = ask_status(client, std::nullopt)) {
        if (!again.has("config") && !status->config.path.empty())
            again.options["config"] = {status->config.path};
        if (!again.has("control")) again.options["control"] = {client.used()};
    }
    if (const int code = stop_service(arguments, true); code != exit_ok) return code;
    return start_service(again, false);
}

}  // namespace ccr::ctl
