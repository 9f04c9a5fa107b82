// SPDX-License-Identifier: MIT
#include "ctl/top_view.hpp"

#include <algorithm>

#include "ctl/event_text.hpp"
#include "ctl/tier_table.hpp"

namespace ccr::ctl {
namespace {

using Lines = std::vector<std::string>;

std::string rate(double per_minute) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f requests a minute", per_minute);
    return text;
}

Lines head(const Top& top, const Terminal& where) {
    const control::Status& status = top.status;
    const std::string first =
        harmless("ccrd " + status.version + "  " + status.state + "  up " +
                 duration(status.uptime_seconds) + "  pid " + std::to_string(status.pid));
    std::string second = std::to_string(status.requests_in_flight) + " in flight, " +
                         std::to_string(status.streams) + " streaming, " +
                         std::to_string(status.connections) + " connections, " +
                         rate(top.requests_per_minute) + "; all: " + count(top.total_requests) +
                         " requests";
    if (top.total_cost) second += ", " + dollars(top.total_cost);
    Lines lines{painted(clipped(first, where.columns), Colour::bold, where.colour),
                clipped(second, where.columns)};
    if (!top.trouble.empty())
        lines.push_back(
            painted(clipped(harmless(top.trouble), where.columns), Colour::red, where.colour));
    return lines;
}

Lines split(std::string_view text) {
    Lines lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string event_text(const control::Event& event, const Terminal& where) {
    const std::string text = clipped(event_line(event, false), where.columns);
    if (event.type != "request") return painted(text, Colour::yellow, where.colour);
    return painted(text, event.status >= 400 ? Colour::red : Colour::none, where.colour);
}

void append(Lines& to, Lines more) {
    for (std::string& line : more)
        to.push_back(std::move(line));
}

}  // namespace

void Top::add(control::Event event) {
    if (event_line(event, false).empty()) return;
    recent.push_front(std::move(event));
    if (recent.size() > max_recent) recent.pop_back();
    // What is looked at stays in its place.
    if (scrolled > 0) scroll(1);
}

void Top::scroll(long by) {
    const long last = recent.empty() ? 0 : static_cast<long>(recent.size()) - 1;
    scrolled = static_cast<std::size_t>(std::clamp(static_cast<long>(scrolled) + by, 0L, last));
}

std::vector<std::string> view(const Top& top, const Terminal& where) {
    Terminal wide = where;
    if (wide.columns == 0) wide.columns = 1000;
    Lines lines = head(top, wide);
    lines.emplace_back();
    const std::size_t rows = where.rows == 0 ? 100'000 : std::max<std::size_t>(where.rows, 4);
    Lines table = split(tier_table(top.status, where));
    // At least half of the screen is for the requests.
    if (table.size() > rows / 2) table.resize(rows / 2);
    append(lines, std::move(table));
    lines.emplace_back();
    const std::size_t footer = where.rows == 0 ? 0 : 1;
    for (std::size_t i = top.scrolled; i < top.recent.size() && lines.size() + footer < rows; ++i)
        lines.push_back(event_text(top.recent[i], wide));
    if (footer == 0) return lines;
    lines.resize(rows - 1);
    lines.push_back(
        painted(clipped("q quit   arrows, PgUp, PgDn, Home: recent requests", wide.columns),
                Colour::dim, where.colour));
    return lines;
}

}  // namespace ccr::ctl
