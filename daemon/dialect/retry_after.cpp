// SPDX-License-Identifier: MIT
#include "daemon/dialect/retry_after.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "common/text.hpp"
#include "daemon/dialect/wall_time.hpp"

namespace ccr::dialect {
namespace {

constexpr Millis longest = std::chrono::hours(24);

using Headers = std::vector<HeaderField>;
using Wait = std::optional<Millis>;

std::string_view header(const Headers& headers, std::string_view name) {
    const auto at = std::find_if(headers.begin(), headers.end(), [name](const HeaderField& field) {
        return iequals(field.name, name);
    });
    return at == headers.end() ? std::string_view() : trim(at->value);
}

Wait wait_of_ms(double count) {
    if (!std::isfinite(count)) return std::nullopt;
    const double most = static_cast<double>(longest.count());
    return Millis(static_cast<std::int64_t>(std::clamp(count, 0.0, most)));
}

Wait until(std::optional<WallTime> then, WallTime now) {
    if (!then) return std::nullopt;
    return std::chrono::duration_cast<Millis>(*then - now);
}

// Epochs are seconds or milliseconds; as a date, any number below this is before 2001.
Wait until_epoch(std::string_view text, WallTime now) {
    constexpr double first_epoch = 1e9;
    constexpr double first_ms_epoch = 1e12;
    const auto count = to_number<double>(text);
    if (!count || *count < first_epoch) return std::nullopt;
    const double ms = *count < first_ms_epoch ? *count * 1000 : *count;
    const auto now_ms = std::chrono::duration_cast<Millis>(now.time_since_epoch()).count();
    return wait_of_ms(ms - static_cast<double>(now_ms));
}

Wait standard_headers(const Headers& headers, WallTime now) {
    if (const auto ms = to_number<double>(header(headers, "retry-after-ms"))) {
        return wait_of_ms(*ms);
    }
    const std::string_view value = header(headers, "retry-after");
    if (value.empty()) return std::nullopt;
    if (const auto seconds = to_number<double>(value)) return wait_of_ms(*seconds * 1000);
    if (const auto wait = until(parse_http_date(value), now)) return wait;
    return parse_duration(value);
}

// A header that says that a limit is used up, and the word of its name that "reset" takes the place
// of in the name of the header that says until when:
//   x-ratelimit-remaining-tokens: 0               x-ratelimit-reset-tokens
//   anthropic-ratelimit-input-tokens-remaining: 0 anthropic-ratelimit-input-tokens-reset
//   anthropic-ratelimit-unified-5h-status: rejected
//   ratelimit-remaining: 0                        ratelimit-reset
std::string_view used_up_word(const HeaderField& field) {
    const std::string_view value = trim(field.value);
    if (value == "0" && icontains(field.name, "remaining")) return "remaining";
    if (value == "rejected" && icontains(field.name, "-status")) return "status";
    return {};
}

Wait until_reset(std::string_view text, WallTime now) {
    if (const auto wait = until(parse_rfc3339(text), now)) return wait;
    if (const auto wait = until_epoch(text, now)) return wait;
    return parse_duration(text);
}

// The longest wait for a limit that is used up. Others say when *they* would be full again.
Wait used_up_limits(const Headers& headers, WallTime now) {
    // Who pays for more than a subscription holds is served on.
    const bool overage =
        lower(header(headers, "anthropic-ratelimit-unified-overage-status")).starts_with("allowed");
    Wait longest_limit;
    for (const HeaderField& field : headers) {
        if (!icontains(field.name, "ratelimit")) continue;
        const std::string_view word = used_up_word(field);
        if (word.empty() || icontains(field.name, "overage")) continue;
        if (overage && icontains(field.name, "unified")) continue;
        std::string name = lower(field.name);
        name.replace(name.find(word), word.size(), "reset");
        const Wait wait = until_reset(header(headers, name), now);
        if (wait && (!longest_limit || *wait > *longest_limit)) longest_limit = wait;
    }
    return longest_limit;
}

Wait limit_headers(const Headers& headers, WallTime now) {
    if (const auto wait = parse_duration(header(headers, "x-ratelimit-reset-after"))) return wait;
    if (const Wait wait = used_up_limits(headers, now)) return wait;
    const auto unified = until_epoch(header(headers, "anthropic-ratelimit-unified-reset"), now);
    if (unified) return unified;
    return until_epoch(header(headers, "x-ratelimit-reset"), now);
}

Wait in_body(json::Value body, WallTime now) {
    if (body.is_array()) body = body.at(0);
    const json::Value error = body["error"];
    for (const json::Value detail : error["details"].elements()) {
        if (const auto wait = parse_duration(detail["retryDelay"].str())) return wait;
    }
    for (const json::Member field : error["metadata"]["headers"].members()) {
        if (!iequals(field.key.str(), "x-ratelimit-reset")) continue;
        const std::string_view text =
            field.value.is_string() ? field.value.str() : field.value.raw();
        if (const auto wait = until_epoch(text, now)) return wait;
    }
    if (const auto seconds = error["metadata"]["retry_after_seconds"].number()) {
        return wait_of_ms(*seconds * 1000);
    }
    return std::nullopt;
}

Wait in_text(std::string_view message, WallTime now) {
    const std::string text = lower(message);
    for (const std::string_view phrase : {"try again in ", "retry in ", "retry after "}) {
        const auto at = text.find(phrase);
        if (at == std::string::npos) continue;
        if (const auto wait = parse_duration(std::string_view(text).substr(at + phrase.size()))) {
            return wait;
        }
    }
    const auto at = text.find("reset at ");
    if (at == std::string::npos) return std::nullopt;
    return until(parse_china_time(std::string_view(text).substr(at + 9)), now);
}

struct Unit {
    std::string_view name;
    double ms;
};
// Longer names first where one begins another.
constexpr std::array units{
    Unit{"milliseconds", 1}, Unit{"ms", 1},         Unit{"minutes", 60e3}, Unit{"minute", 60e3},
    Unit{"min", 60e3},       Unit{"m", 60e3},       Unit{"seconds", 1e3},  Unit{"second", 1e3},
    Unit{"sec", 1e3},        Unit{"s", 1e3},        Unit{"hours", 3600e3}, Unit{"hour", 3600e3},
    Unit{"h", 3600e3},       Unit{"days", 86400e3}, Unit{"day", 86400e3},  Unit{"d", 86400e3},
};

std::size_t number_length(std::string_view text) {
    const std::size_t end = text.find_first_not_of("0123456789.");
    std::size_t length = std::min(end, text.size());
    while (length > 0 && text[length - 1] == '.')
        --length;  // the end of a sentence
    return length;
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
    double total = 0;
    bool any = false;
    text = trim(text);
    while (!text.empty()) {
        const auto number = to_number<double>(text.substr(0, number_length(text)));
        if (!number) break;
        text.remove_prefix(number_length(text));
        if (text.starts_with(' ')) text.remove_prefix(1);
        const auto* unit = std::find_if(units.begin(), units.end(), [text](const Unit& known) {
            return text.starts_with(known.name);
        });
        if (unit == units.end()) {
            if (!any) total = *number * 1000;
            any = true;
            break;
        }
        total += *number * unit->ms;
        any = true;
        text.remove_prefix(unit->name.size());
    }
    return any ? wait_of_ms(total) : std::nullopt;
}

std::optional<Millis> read_retry_after(const Headers& headers, json::Value body,
                                       std::string_view message, bool limited, WallTime now) {
    Wait wait = standard_headers(headers, now);
    if (!wait && limited) wait = limit_headers(headers, now);
    if (!wait) wait = in_body(body, now);
    if (!wait) wait = in_text(message, now);
    if (!wait) return std::nullopt;
    return std::clamp(*wait, Millis(0), longest);
}

std::optional<Millis> read_exhausted(const Headers& headers, WallTime now) {
    const Wait wait = used_up_limits(headers, now);
    if (!wait) return std::nullopt;
    return std::clamp(*wait, Millis(0), longest);
}

}  // namespace ccr::dialect
