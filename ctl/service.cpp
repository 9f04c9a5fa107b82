// SPDX-License-Identifier: MIT
#include "ctl/service.hpp"

#include <unistd.h>

#include "ctl/command.hpp"
#include "ctl/launch.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

constexpr Millis job_limit{90'000};
constexpr std::size_t journal_lines = 10;

std::string whose(Scope scope) {
    return scope == Scope::user ? "user service" : "system service";
}

// What the service manager and the journal know of a start that failed.
int failed_job(Found& found, const std::string& result) {
    auto state = found.manager.state();
    const UnitState now = state ? *state : found.state;
    // What the journal has last is about this start only if a process came out of it.
    if (now.exit != 0 || now.result == "signal" || now.result == "timeout") {
        for (const std::string& line : found.manager.last_lines(service_unit, journal_lines))
            remark(harmless(line));
    }
    std::string text = "ccrd.service did not start (" + result;
    if (!now.result.empty() && now.result != "success") text += ", " + now.result;
    if (now.exit != 0) text += ", exit status " + std::to_string(now.exit);
    if (result == "dependency") {
        // Its sockets come first; the usual reason is another process on the port.
        auto socket = found.manager.state("ccrd.socket");
        const bool bound = socket && socket->active == "active";
        return complain(exit_failure, bound ? text + "); systemctl list-dependencies ccrd shows it"
                                            : text +
                                                  "): ccrd.socket cannot listen; is another "
                                                  "router on the port? ss -ltnp shows who");
    }
    text += now.exit == exit_config ? "); ccr check shows what is wrong with the configuration"
                                    : "); ccr logs shows more";
    if (now.exit == exit_config) return complain(exit_config, text);
    return complain(result == "timeout" ? exit_tempfail : exit_failure, text);
}

int start_unit(Found& found, bool quiet) {
    if (found.state.active == "active") {
        if (!quiet)
            out("ccrd runs already (" + whose(found.manager.scope()) + ", pid " +
                std::to_string(found.state.pid) + ")\n");
        return exit_ok;
    }
    auto result = found.manager.run(Job::start, service_unit, job_limit);
    if (!result) return complain(result.error());
    return report_start(found, *result, quiet);
}

int failed_launch(const Error& error) {
    const int code = error.upstream_status;
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    const std::string where = "; its log is " + log_file();
    if (error.kind == ErrorKind::config)
        return complain(exit_config, "ccrd did not start: mend the configuration" + where);
    if (error.kind == ErrorKind::timeout)
        return complain(exit_tempfail, "ccrd did not start in time" + where);
    const bool known = code == exit_unavailable || code == exit_tempfail || code == exit_usage;
    return complain(known ? code : exit_failure, "ccrd did not start" + where);
}

int start_process(const Arguments& arguments, bool quiet) {
    Client client(arguments);
    auto status = ask_status(client, std::nullopt);
    if (status) {
        if (!quiet)
            out("ccrd runs already (pid " + std::to_string(status->pid) + ", " + client.used() +
                ")\n");
        return exit_ok;
    }
    if (status.error().kind != ErrorKind::connect) return complain(status.error());
    auto launched = launch(arguments);
    if (!launched) return failed_launch(launched.error());
    if (quiet) return exit_ok;
    out("ccrd runs (pid " + std::to_string(launched->pid) +
        (launched->status.empty() ? ")" : "): " + harmless(launched->status)) + "\n");
    return exit_ok;
}

}  // namespace

int report_start(Found& found, const std::string& result, bool quiet) {
    auto state = found.manager.state();
    if (!state || result != "done" || state->active != "active") return failed_job(found, result);
    if (quiet) return exit_ok;
    out("ccrd runs (" + whose(found.manager.scope()) + ", pid " + std::to_string(state->pid) +
        (state->status.empty() ? ")\n" : "): " + harmless(state->status) + "\n"));
    return exit_ok;
}

std::optional<Found> unit_for(const Arguments& arguments) {
    if (arguments.has("control") || arguments.has("config")) return std::nullopt;
    return find_unit(arguments.scope());
}

Result<control::Status> ask_status(Client& client, const std::optional<Found>& unit) {
    // Its sockets listen while it does not run: a connect would start it.
    if (unit && !unit->state.up())
        return Error{ErrorKind::connect, "ccrd is not running; ccr start starts it"};
    return client.fetch<control::Status>(
        {.target = std::string(control::endpoint::status), .limit = Millis{5000}});
}

int start_service(const Arguments& arguments, bool quiet) {
    if (auto found = unit_for(arguments)) return start_unit(*found, quiet);
    if (arguments.has("system"))
        return complain(exit_unavailable,
                        "the system has no ccrd.service; install the package, or leave --system "
                        "out for a background process of your own");
    return start_process(arguments, quiet);
}

}  // namespace ccr::ctl
