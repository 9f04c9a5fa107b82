// SPDX-License-Identifier: MIT
#include <array>

#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace ccr::ctl {
namespace {

constexpr std::array<Option, 2> usage_options{{
    {.name = "since",
     .value = "TIME",
     .help = "a span back from now (90m, 24h, 7d), a date, or Unix seconds"},
    {.name = "by",
     .value = "WHAT",
     .help = "tier (default), model, route, preset or day",
     .completes = Completes::words,
     .choices = "tier model route preset day"},
}};

constexpr std::array<Option, 2> top_options{{
    {.name = "once", .value = {}, .help = "print one view and end"},
    {.name = "interval", .value = "SECONDS", .help = "time between two views (1)"},
}};

constexpr std::array<Command, 3> rows{{
    {.name = "usage",
     .group = Group::watch,
     .help = "show requests, tokens and cost",
     .text =
         "Shows requests served, attempts that failed, tokens by class and what they cost, over "
         "restarts. A cost that begins with > lacks requests whose price is not known.",
     .options = usage_options,
     .json = true,
     .run = usage},
    {.name = "latencies",
     .group = Group::watch,
     .help = "show how soon each target answers",
     .text = "Shows the table behind the order of the tiers, in rank order: time to the first "
             "token and total as moving averages, state, breaker and limits.",
     .json = true,
     .run = latencies},
    {.name = "top",
     .group = Group::watch,
     .help = "show live what the router does",
     .text = "Shows requests, streams, tiers and the latest requests, renewed each second. q ends "
             "it; the arrow keys move through the requests. With --once, with --json, or when the "
             "output is no terminal, it prints one view and ends.",
     .options = top_options,
     .json = true,
     .run = top},
}};

}  // namespace

std::span<const Command> watch_commands() {
    return rows;
}

}  // namespace ccr::ctl
