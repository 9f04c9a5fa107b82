// SPDX-License-Identifier: MIT
// How commands show things: tables, durations, sizes, messages. The functions give text; what a
// terminal can do is asked for once and passed in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time.hpp"

namespace ccr::ctl {

enum class Colour : std::uint8_t { none, bold, dim, red, green, yellow };

struct Terminal {
    bool colour = false;       // a terminal, NO_COLOR unset or empty, TERM not dumb
    bool interactive = false;  // a terminal at all
    std::size_t columns = 80;  // 0: nobody looks at the width (a file or a pipe)
    std::size_t rows = 24;
};
// Of standard output, or of standard error.
[[nodiscard]] Terminal terminal(int fd = 1);

[[nodiscard]] std::string painted(std::string_view text, Colour colour, bool enabled);

// How many columns a UTF-8 text takes, by code points; and its first `columns` of them, with "…"
// for its last where something is left out. Control characters become '?': what comes from outside
// must not steer the terminal.
[[nodiscard]] std::size_t text_width(std::string_view text);
[[nodiscard]] std::string clipped(std::string_view text, std::size_t columns);
[[nodiscard]] std::string harmless(std::string_view text);

// The lines of a text: words are moved to the next line at `columns`; an empty line stays.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);
// Command::text without its marks.
[[nodiscard]] std::string plain(std::string_view marked);

struct Cell {
    std::string text;
    Colour colour = Colour::none;
};

class Table {
  public:
    enum class Align : std::uint8_t { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    Table& row(std::vector<Cell> cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    // Columns as wide as their content; when the terminal is narrower the widest text column is
    // clipped. Columns without any content are left out.
    [[nodiscard]] std::string text(const Terminal& where) const;

  private:
    [[nodiscard]] std::vector<std::size_t> widths(std::size_t limit) const;
    [[nodiscard]] std::string line(const std::vector<Cell>& cells,
                                   const std::vector<std::size_t>& widths, bool colour) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

// "4 ms", "1.25 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"
[[nodiscard]] std::string duration(double seconds);
// "512 B", "1.5 KiB", "20 MiB"
[[nodiscard]] std::string size(std::uint64_t bytes);
// "950", "12.3k", "4.56M": counts where the first digits are what matters
[[nodiscard]] std::string short_count(std::uint64_t count);
// "12 345": with narrow groups
[[nodiscard]] std::string count(std::uint64_t value);
// "$1.23", "$0.0042"; "unknown" for nothing
[[nodiscard]] std::string dollars(std::optional<double> amount);

// Writes all of it to standard output; a closed pipe is the reader's choice, not an error.
void out(std::string_view text);
// "ccr: message" to standard error, red on a terminal. Gives `code` back, for `return complain(…)`.
int complain(int code, std::string_view message);
// The same without a colour and a code: what may be of interest.
void remark(std::string_view message);

}  // namespace ccr::ctl
