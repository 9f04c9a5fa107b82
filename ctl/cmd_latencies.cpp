// SPDX-License-Identifier: MIT
// latencies: the table behind the order of the tiers.
#include <ctime>

#include "common/json.hpp"
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/report.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {
namespace {

using json::Value;

std::string seconds(Value value) {
    const auto known = value.number();
    return known ? duration(*known) : std::string();
}

std::string limited(Value row) {
    const auto until = row["rate_limited_until"].integer();
    const std::int64_t now = std::int64_t{std::time(nullptr)} * 1000;
    return until && *until > now ? duration(static_cast<double>(*until - now) / 1000)
                                 : std::string();
}

std::string table_text(Value rows, const Terminal& where) {
    Table table({{"RANK", Table::Align::right},
                 {"TIER"},
                 {"PROVIDER"},
                 {"MODEL"},
                 {"STATE"},
                 {"BREAKER"},
                 {"TTFT", Table::Align::right},
                 {"TOTAL", Table::Align::right},
                 {"PER TOKEN", Table::Align::right},
                 {"SAMPLES", Table::Align::right},
                 {"LAST", Table::Align::right},
                 {"LIMITED FOR", Table::Align::right}});
    for (const Value row : rows.elements()) {
        const auto per_token = row["per_output_token_ms"].number();
        const auto state = row["state"].str();
        table.row({{std::to_string(row["rank"].integer().value_or(0))},
                   {std::string(row["tier"].str())},
                   {std::string(row["provider"].str())},
                   {std::string(row["model"].str())},
                   {std::string(state), state == "healthy" ? Colour::green : Colour::yellow},
                   {std::string(row["breaker"].str())},
                   {seconds(row["ttft_ewma_seconds"])},
                   {seconds(row["ewma_seconds"])},
                   {per_token ? duration(*per_token / 1000) : ""},
                   {std::to_string(row["sample_count"].integer().value_or(0))},
                   {seconds(row["last_sample_age_seconds"])},
                   {limited(row)}});
    }
    return table.empty() ? "nothing has been measured yet\n" : table.text(where);
}

}  // namespace

int latencies(const Arguments& arguments) {
    return report(arguments, control::endpoint::latencies, table_text);
}

}  // namespace ccr::ctl
