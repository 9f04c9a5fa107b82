// SPDX-License-Identifier: MIT
// usage: what has been served and what it cost.
#include <algorithm>

#include "common/json.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/report.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {
namespace {

using json::Value;

std::uint64_t number(Value value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value.integer().value_or(0), 0));
}

std::string target_of(const Arguments& arguments) {
    std::string target(control::endpoint::usage);
    char separator = '?';
    for (const char* name : {"since", "by"}) {
        const auto value = arguments.value(name);
        if (!value) continue;
        target += separator + std::string(name) + "=" + percent_encode(*value);
        separator = '&';
    }
    return target;
}

std::vector<Table::Column> columns_of(std::string_view by) {
    std::string title(by);
    for (char& c : title)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    std::vector<Table::Column> columns{{title}, {"PROVIDER"}, {"MODEL"}};
    for (const char* name :
         {"REQUESTS", "FAILURES", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "COST"})
        columns.push_back({name, Table::Align::right});
    return columns;
}

std::string cost_of(Value row) {
    const auto cost = row["cost_usd"].number();
    if (number(row["requests"]) == 0 && cost.value_or(0) == 0) return {};
    std::string text = dollars(cost);
    // Part of it could not be priced: it is at least this much.
    if (cost && number(row["unpriced_requests"]) > 0) text = ">" + text;
    return text;
}

std::string table_text(Value root, const Terminal& where) {
    const std::string by(root["by"].str().empty() ? "tier" : root["by"].str());
    const bool targets = by == "tier" || by == "model";
    Table table(columns_of(by == "model" ? "tier" : by));
    for (const Value row : root["tiers"].elements()) {
        const auto name = row[targets ? std::string_view("tier") : std::string_view(by)].str();
        table.row({{std::string(name)},
                   {targets ? std::string(row["provider"].str()) : ""},
                   {targets ? std::string(row["model"].str()) : ""},
                   {count(number(row["requests"]))},
                   {count(number(row["failures"]))},
                   {short_count(number(row["input_tokens"]))},
                   {short_count(number(row["output_tokens"]))},
                   {short_count(number(row["cache_read_tokens"]))},
                   {short_count(number(row["cache_creation_tokens"]))},
                   {cost_of(row)}});
    }
    return table.empty() ? std::string() : "\n" + table.text(where);
}

std::string human(Value root, const Terminal& where) {
    std::string text = count(number(root["total_requests"])) + " requests, " +
                       count(number(root["total_failures"])) + " failed attempts, " +
                       short_count(number(root["total_input_tokens"])) + " input and " +
                       short_count(number(root["total_output_tokens"])) + " output tokens";
    const auto cost = root["total_cost_usd"].number();
    text += cost ? ", " + dollars(cost) : ", cost unknown";
    if (cost && !root["cost_complete"].boolean(true)) text += " and more that has no price";
    return text + "\n" + table_text(root, where);
}

}  // namespace

int usage(const Arguments& arguments) {
    return report(arguments, target_of(arguments), human);
}

}  // namespace ccr::ctl
