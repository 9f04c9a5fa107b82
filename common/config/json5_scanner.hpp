// SPDX-License-Identifier: MIT
// The tokens of JSON5 and the place of each in the file. Only json5.cpp uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/config/json5.hpp"

namespace ccr::json5 {

// Walks over valid UTF-8. Each scan_* starts at the first character of its token and stands behind
// the token afterwards; on failure it gives the error and stands where scanning may go on.
class Scanner {
  public:
    using Failure = std::optional<SyntaxError>;

    explicit Scanner(std::string_view text);

    [[nodiscard]] bool at_end() const { return offset_ >= text_.size(); }
    [[nodiscard]] Position position() const { return at_; }
    // Bytes from the start of the text, a byte order mark included.
    [[nodiscard]] std::size_t offset() const { return skipped_ + offset_; }
    // The byte here, '\0' at the end.
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
    }
    // The character here as a user would want to see it quoted in a message.
    [[nodiscard]] std::string shown() const;
    void advance();  // over one character

    // White space and comments of all kinds.
    Failure skip_space();

    [[nodiscard]] bool at_string() const { return peek() == '"' || peek() == '\''; }
    [[nodiscard]] bool at_number() const;
    [[nodiscard]] bool at_identifier() const;

    Failure scan_string(std::string& out);
    Failure scan_number(std::string& lexeme, double& value);
    Failure scan_identifier(std::string& out);

    // After a failed scan_string: the rest of the line was inside the string, so that a comma
    // before the next entry has been swallowed.
    [[nodiscard]] bool broke_off_at_line_end() const { return broke_off_; }
    void clear_broke_off() { broke_off_ = false; }

  private:
    [[nodiscard]] std::uint32_t code_point() const;
    [[nodiscard]] bool at_line_end() const { return peek() == '\n' || peek() == '\r'; }
    Failure skip_block_comment();
    // `start`: the place of the backslash.
    Failure scan_escape(std::string& out, Position start);
    Failure scan_unicode_escape(std::string& out, Position start);
    std::optional<std::uint32_t> hex_digits(int count);
    std::size_t skip_digits();
    Failure scan_hex(Position start, std::string_view from, double& value);
    Failure scan_decimal(Position start);

    std::string_view text_;
    std::size_t skipped_ = 0;  // the byte order mark
    std::size_t offset_ = 0;
    Position at_{1, 1};
    bool broke_off_ = false;
};

}  // namespace ccr::json5
