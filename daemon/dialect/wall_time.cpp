// SPDX-License-Identifier: MIT
#include "daemon/dialect/wall_time.hpp"

#include <array>

#include "common/text.hpp"

namespace ccr::dialect {
namespace {

struct Fields {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

template <typename Number>
bool read(std::string_view text, std::size_t at, std::size_t digits, Number& out) {
    if (at + digits > text.size()) return false;
    const auto value = to_number<Number>(text.substr(at, digits));
    if (!value) return false;
    out = *value;
    return true;
}

std::optional<WallTime> point(const Fields& f) {
    const std::chrono::year_month_day date{std::chrono::year(f.year), std::chrono::month(f.month),
                                           std::chrono::day(f.day)};
    const bool in_range = f.hour >= 0 && f.hour < 24 && f.minute >= 0 && f.minute < 60 &&
                          f.second >= 0 && f.second <= 60;
    if (!date.ok() || !in_range) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(f.hour) +
           std::chrono::minutes(f.minute) + std::chrono::seconds(f.second);
}

bool read_clock(std::string_view text, std::size_t at, Fields& f) {
    return read(text, at, 2, f.hour) && read(text, at + 3, 2, f.minute) &&
           read(text, at + 6, 2, f.second);
}

// "2026-11-24?12:00:00"
std::optional<WallTime> parse_iso(std::string_view text) {
    Fields f;
    const bool good = read(text, 0, 4, f.year) && read(text, 5, 2, f.month) &&
                      read(text, 8, 2, f.day) && read_clock(text, 11, f);
    return good ? point(f) : std::nullopt;
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    Fields f;
    if (text.size() < 29 || text[3] != ',' || !text.ends_with("GMT")) return std::nullopt;
    for (unsigned i = 0; i < months.size(); ++i) {
        if (text.substr(8, 3) == months[i]) f.month = i + 1;
    }
    const bool good =
        read(text, 5, 2, f.day) && read(text, 12, 4, f.year) && read_clock(text, 17, f);
    return good ? point(f) : std::nullopt;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
    auto time = parse_iso(text);
    std::string_view rest = text.substr(19);
    if (rest.starts_with('.')) {
        const std::size_t end = rest.find_first_not_of("0123456789", 1);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    }
    if (!time || rest == "Z" || rest == "z") return time;
    int hours = 0;
    int minutes = 0;
    const bool offset = rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') &&
                        read(rest, 1, 2, hours) && read(rest, 4, 2, minutes);
    if (!offset) return std::nullopt;
    const auto shift = std::chrono::minutes(hours * 60 + minutes);
    return rest[0] == '+' ? *time - shift : *time + shift;
}

std::optional<WallTime> parse_china_time(std::string_view text) {
    auto time = parse_iso(text);
    if (time) *time -= std::chrono::hours(8);
    return time;
}

}  // namespace ccr::dialect
