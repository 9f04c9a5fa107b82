// SPDX-License-Identifier: MIT
#include "ctl/print.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "common/paths.hpp"

namespace ccr::ctl {
namespace {

std::string_view code_of(Colour colour) {
    switch (colour) {
        case Colour::bold:
            return "\x1b[1m";
        case Colour::dim:
            return "\x1b[2m";
        case Colour::red:
            return "\x1b[31m";
        case Colour::green:
            return "\x1b[32m";
        case Colour::yellow:
            return "\x1b[33m";
        case Colour::none:
            break;
    }
    return {};
}

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string paragraph_of(std::string_view text, std::size_t& at) {
    const auto end = text.find('\n', at);
    const std::string_view line = text.substr(at, end == std::string_view::npos ? end : end - at);
    at = end == std::string_view::npos ? text.size() : end + 1;
    return std::string(line);
}

void wrap_line(std::string_view line, std::size_t columns, std::vector<std::string>& out) {
    std::string current;
    for (std::size_t at = 0; at < line.size();) {
        const auto end = std::min(line.find(' ', at), line.size());
        const std::string_view word = line.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        if (!current.empty() && text_width(current) + 1 + text_width(word) > columns) {
            out.push_back(std::move(current));
            current.clear();
        }
        if (!current.empty()) current += ' ';
        current += word;
    }
    out.push_back(std::move(current));
}

std::string trimmed_number(double value, int decimals) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    std::string out = text;
    if (out.find('.') == std::string::npos) return out;
    while (out.back() == '0')
        out.pop_back();
    if (out.back() == '.') out.pop_back();
    return out;
}

// Three significant digits.
std::string three_digits(double value) {
    return trimmed_number(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string two_units(std::uint64_t seconds, std::uint64_t unit, std::string_view name,
                      std::uint64_t below, std::string_view below_name) {
    std::string text = std::to_string(seconds / unit) + " " + std::string(name);
    const std::uint64_t rest = seconds % unit / below;
    if (rest != 0) text += " " + std::to_string(rest) + " " + std::string(below_name);
    return text;
}

}  // namespace

Terminal terminal(int fd) {
    Terminal found;
    found.interactive = ::isatty(fd) == 1;
    found.columns = 0;
    if (!found.interactive) return found;
    const std::string term = paths::environment("TERM").value_or("dumb");
    found.colour = !paths::environment("NO_COLOR") && term != "dumb";
    winsize window{};
    const bool known = ::ioctl(fd, TIOCGWINSZ, &window) == 0 && window.ws_col != 0;
    found.columns = known ? window.ws_col : 80U;
    found.rows = known && window.ws_row != 0 ? window.ws_row : 24U;
    return found;
}

std::string painted(std::string_view text, Colour colour, bool enabled) {
    if (!enabled || colour == Colour::none || text.empty()) return std::string(text);
    return std::string(code_of(colour)) + std::string(text) + "\x1b[0m";
}

std::size_t text_width(std::string_view text) {
    std::size_t width = 0;
    for (const char c : text)
        width += continues(c) ? 0U : 1U;
    return width;
}

std::string harmless(std::string_view text) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        // 0xC2 0x80..0x9F are control characters too.
        const bool c1 =
            c == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0;
        if (c1) out.replace(i, 2, "?");
        if (c < 0x20 || c == 0x7F) out[i] = '?';
    }
    return out;
}

std::string clipped(std::string_view text, std::size_t columns) {
    if (text_width(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        if (!continues(text[end]) && ++seen == columns) break;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();)
        wrap_line(paragraph_of(text, at), columns, out);
    return out;
}

std::string plain(std::string_view marked) {
    std::string out;
    for (const char c : marked) {
        if (c != '`') out += c;
    }
    return out;
}

Table& Table::row(std::vector<Cell> cells) {
    cells.resize(columns_.size());
    for (Cell& cell : cells)
        cell.text = harmless(cell.text);
    rows_.push_back(std::move(cells));
    return *this;
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
    std::vector<std::size_t> out(columns_.size(), 0);
    for (const auto& cells : rows_) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = std::max(out[i], text_width(cells[i].text));
    }
    std::size_t total = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] == 0) continue;
        out[i] = std::max(out[i], text_width(columns_[i].title));
        total += out[i] + 2;
    }
    while (limit != 0 && total > limit + 2) {
        std::size_t widest = out.size();
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (columns_[i].align == Align::right || out[i] <= 8) continue;
            if (widest == out.size() || out[i] > out[widest]) widest = i;
        }
        if (widest == out.size()) break;
        --out[widest];
        --total;
    }
    return out;
}

std::string Table::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                        bool colour) const {
    std::string out;
    std::size_t gap = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (widths[i] == 0) continue;
        const std::string text = clipped(cells[i].text, widths[i]);
        const std::size_t pad = widths[i] - text_width(text);
        const bool right = columns_[i].align == Align::right;
        out.append(gap + (right ? pad : 0), ' ');
        out += painted(text, cells[i].colour, colour);
        gap = 2 + (right ? 0 : pad);
    }
    return out + "\n";
}

std::string Table::text(const Terminal& where) const {
    const auto wide = widths(where.columns);
    std::vector<Cell> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_)
        titles.push_back({column.title, Colour::bold});
    std::string out = line(titles, wide, where.colour);
    for (const auto& cells : rows_)
        out += line(cells, wide, where.colour);
    return out;
}

std::string duration(double seconds) {
    if (seconds < 0) seconds = 0;
    if (seconds < 0.9995) return three_digits(seconds * 1000) + " ms";
    if (seconds < 59.5) return three_digits(seconds) + " s";
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 3600) return two_units(whole, 60, "min", 1, "s");
    if (whole < 86400) return two_units(whole, 3600, "h", 60, "min");
    return two_units(whole, 86400, "d", 3600, "h");
}

std::string size(std::uint64_t bytes) {
    if (bytes < 1024) return std::to_string(bytes) + " B";
    auto value = static_cast<double>(bytes);
    std::string_view unit;
    for (const std::string_view next : {" KiB", " MiB", " GiB", " TiB"}) {
        if (value < 1023.5) break;
        value /= 1024;
        unit = next;
    }
    return three_digits(value) + std::string(unit);
}

std::string short_count(std::uint64_t count) {
    if (count < 1000) return std::to_string(count);
    auto value = static_cast<double>(count);
    std::string_view unit;
    for (const std::string_view next : {"k", "M", "G", "T"}) {
        if (value < 999.5) break;
        value /= 1000;
        unit = next;
    }
    return three_digits(value) + std::string(unit);
}

std::string count(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, " ");
    return digits;
}

std::string dollars(std::optional<double> amount) {
    if (!amount) return "unknown";
    char text[64];
    const bool small = *amount != 0 && *amount < 0.995;
    std::snprintf(text, sizeof text, small ? "$%.4f" : "$%.2f", *amount);
    return text;
}

void out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

int complain(int code, std::string_view message) {
    const bool colour = terminal(2).colour;
    const std::string line = painted("ccr:", Colour::red, colour) + " " + std::string(message);
    std::fprintf(stderr, "%s\n", line.c_str());
    return code;
}

void remark(std::string_view message) {
    std::fprintf(stderr, "ccr: %.*s\n", static_cast<int>(message.size()), message.data());
}

}  // namespace ccr::ctl
