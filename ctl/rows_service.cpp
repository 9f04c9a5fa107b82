// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Option, 1> stop_options{
    {{.name = "now", .value = {}, .help = "end requests in flight instead of finishing them"}}};

constexpr std::array<Option, 2> logs_options{{
    {.name = "follow", .letter = 'f', .value = {}, .help = "go on with what comes"},
    {.name = "lines", .letter = 'n', .value = "COUNT", .help = "how many to begin with (20)"},
}};

constexpr std::array<Command, 6> rows{{
    {.name = "start",
     .group = Group::service,
     .help = "start the router and wait until it serves",
     .text = "Starts the router unless it runs, and waits until it serves. With an installed unit "
             "ccrd.service that is a job of the service manager. Without one, or with --config or "
             "--control, ccrd becomes a background process in a session of its own, which has 5 "
             "seconds to be ready; its log goes to ccrd.log in the state folder. When it does not "
             "start, what it said about that is printed.",
     .run = start},
    {.name = "stop",
     .group = Group::service,
     .help = "finish requests in flight, then end the router",
     .text = "Takes no more requests, waits for those in flight as long as drainTimeoutMs allows, "
             "and shows how many are left. A second Ctrl-C ends them. Stopping what does not run "
             "is no failure.\n\n"
             "Sockets of systemd go on listening after their service has stopped, so the next "
             "request starts it again, unless they are stopped too.",
     .options = stop_options,
     .run = stop},
    {.name = "restart",
     .group = Group::service,
     .help = "stop, then start again",
     .text = "Stops the router as `ccr stop` does and starts it again. Behind systemd's sockets no "
             "connect is refused meanwhile. A background process gets the configuration and the "
             "control socket that the old one had.",
     .run = restart},
    {.name = "status",
     .group = Group::service,
     .help = "show how the router is",
     .text = "Shows version, uptime, configuration, listeners, the tiers with their health and "
             "limits, streams, drain or reload, the unit's state, and the last errors. Exits as "
             "the LSB says: 0 when it runs, 3 when it is stopped, 4 when that cannot be found "
             "out.",
     .json = true,
     .run = status},
    {.name = "reload",
     .group = Group::service,
     .help = "take the configuration over, or say why not",
     .text = "Lets the router read its configuration again and prints what changed. If it cannot "
             "be used, its errors are printed with line and column, the old one stays in force, "
             "and the exit status is 78.",
     .json = true,
     .run = reload},
    {.name = "logs",
     .group = Group::service,
     .help = "show what the router logs",
     .text = "Shows the journal of the unit where there is one, else the end of the log file of "
             "the background process, else, with -f, the feed of events. The feed is also what "
             "--json gives: one event on each line, from now on.",
     .options = logs_options,
     .json = true,
     .run = logs},
}};

}  // namespace

std::span<const Command> service_commands() {
    return rows;
}

}  // namespace ccr::ctl
