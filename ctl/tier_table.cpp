// SPDX-License-Identifier: MIT
#include "ctl/tier_table.hpp"

namespace ccr::ctl {
namespace {

// How long from the moment of the status on; by its own clock, so that ours does not matter.
std::string limited_for(const control::TierStatus& tier, const control::Status& status) {
    if (!tier.rate_limited_until) return {};
    const double now = static_cast<double>(status.started_at) / 1000 + status.uptime_seconds;
    const double left = static_cast<double>(*tier.rate_limited_until) / 1000 - now;
    return left > 0 ? duration(left) : std::string();
}

}  // namespace

Colour state_colour(std::string_view state) {
    if (state == "healthy" || state == "serving") return Colour::green;
    if (state == "unknown") return Colour::none;
    return state == "open" || state == "misconfigured" || state == "missing" ? Colour::red
                                                                             : Colour::yellow;
}

std::string tier_table(const control::Status& status, const Terminal& where) {
    Table table({{"TIER"},
                 {"PROVIDER"},
                 {"MODEL"},
                 {"STATE"},
                 {"REASON"},
                 {"TTFT", Table::Align::right},
                 {"LIMITED FOR", Table::Align::right},
                 {"STREAMS", Table::Align::right}});
    for (const control::TierStatus& tier : status.tiers) {
        table.row({{tier.tier},
                   {tier.provider},
                   {tier.model},
                   {tier.state, state_colour(tier.state)},
                   {tier.reason},
                   {tier.ttft_ewma_seconds ? duration(*tier.ttft_ewma_seconds) : ""},
                   {limited_for(tier, status)},
                   {std::to_string(tier.streams)}});
    }
    return table.empty() ? std::string() : table.text(where);
}

}  // namespace ccr::ctl
