// SPDX-License-Identifier: MIT
#include "common/config/json5_scanner.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "common/text.hpp"
#include "common/utf8.hpp"

namespace ccr::json5 {
namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_value(char c) {
    if (digit(c)) return c - '0';
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool unicode_space(std::uint32_t c) {
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool identifier_start(std::uint32_t c) {
    if (c < 0x80) {
        const char low = ascii_lower(static_cast<char>(c));
        return (low >= 'a' && low <= 'z') || c == '_' || c == '$';
    }
    // Exact letter tables are not worth their size here: all but spaces and controls will do.
    return c >= 0xA1 && !unicode_space(c);
}

bool identifier_part(std::uint32_t c) {
    return identifier_start(c) || (c < 0x80 && digit(static_cast<char>(c)));
}

double magnitude(std::string_view digits) {
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc::result_out_of_range) return value;
    const auto exponent = digits.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos && digits.substr(exponent + 1, 1) == "-";
    return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

}  // namespace

Scanner::Scanner(std::string_view text) : text_(text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (!text_.starts_with(mark)) return;
    text_.remove_prefix(mark.size());
    skipped_ = mark.size();
}

std::uint32_t Scanner::code_point() const {
    const auto lead = static_cast<unsigned char>(peek());
    if (lead < 0x80) return lead;
    const int extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    std::uint32_t value = lead & (0x3FU >> static_cast<unsigned>(extra));
    for (int i = 1; i <= extra; ++i) {
        value =
            (value << 6U) | (static_cast<unsigned char>(peek(static_cast<std::size_t>(i))) & 0x3FU);
    }
    return value;
}

std::string Scanner::shown() const {
    if (at_end()) return "the end of the file";
    const std::uint32_t c = code_point();
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
        return "control character U+00" + hex(std::string(1, static_cast<char>(c)));
    }
    std::string out = "'";
    utf8::append(out, c);
    return out + "'";
}

void Scanner::advance() {
    if (at_end()) return;
    const char c = text_[offset_++];
    if (c == '\n' || (c == '\r' && peek() != '\n')) {
        ++at_.line;
        at_.column = 1;
        return;
    }
    while ((static_cast<unsigned char>(peek()) & 0xC0U) == 0x80U)
        ++offset_;
    if (c != '\r') ++at_.column;
}

Scanner::Failure Scanner::skip_space() {
    while (!at_end()) {
        if (peek() == '/' && peek(1) == '/') {
            while (!at_end() && !at_line_end())
                advance();
        } else if (peek() == '/' && peek(1) == '*') {
            if (auto failure = skip_block_comment()) return failure;
        } else if (ascii_space(peek()) || unicode_space(code_point())) {
            advance();
        } else {
            break;
        }
    }
    return std::nullopt;
}

Scanner::Failure Scanner::skip_block_comment() {
    const Position start = at_;
    advance();
    advance();
    while (!at_end() && (peek() != '*' || peek(1) != '/'))
        advance();
    if (at_end()) return SyntaxError{start, "comment is never closed: missing */"};
    advance();
    advance();
    return std::nullopt;
}

bool Scanner::at_number() const {
    const char c = peek();
    return digit(c) || c == '.' || c == '+' || c == '-';
}

bool Scanner::at_identifier() const {
    return !at_end() && (peek() == '\\' || identifier_start(code_point()));
}

std::optional<std::uint32_t> Scanner::hex_digits(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) {
        const int nibble = hex_value(peek());
        if (nibble < 0) return std::nullopt;
        value = value * 16 + static_cast<std::uint32_t>(nibble);
        advance();
    }
    return value;
}

// Behind "\u". A surrogate pair is one character; half a pair becomes U+FFFD.
Scanner::Failure Scanner::scan_unicode_escape(std::string& out, Position start) {
    const auto first = hex_digits(4);
    if (!first) return SyntaxError{start, "\\u needs four hex digits"};
    const bool high = *first >= 0xD800 && *first < 0xDC00;
    if (high && peek() == '\\' && peek(1) == 'u') {
        advance();
        advance();
        const auto second = hex_digits(4);
        if (!second) return SyntaxError{start, "\\u needs four hex digits"};
        const bool low = *second >= 0xDC00 && *second < 0xE000;
        utf8::append(out, low ? 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00) : 0xFFFD);
        if (!low) utf8::append(out, *second >= 0xD800 && *second < 0xDC00 ? 0xFFFD : *second);
        return std::nullopt;
    }
    utf8::append(out, *first >= 0xD800 && *first < 0xE000 ? 0xFFFD : *first);
    return std::nullopt;
}

// Behind the backslash.
Scanner::Failure Scanner::scan_escape(std::string& out, Position start) {
    constexpr std::string_view letters = "bfnrtv0";
    constexpr std::string_view meanings("\b\f\n\r\t\v\0", 7);
    const char c = peek();
    if (at_line_end()) {
        advance();
        if (c == '\r' && peek() == '\n') advance();
        return std::nullopt;
    }
    if (c == 'u' || c == 'x') {
        advance();
        if (c == 'u') return scan_unicode_escape(out, start);
        const auto value = hex_digits(2);
        if (!value) return SyntaxError{start, "\\x needs two hex digits"};
        utf8::append(out, *value);
        return std::nullopt;
    }
    if (c == '0' && digit(peek(1))) return SyntaxError{start, "octal escapes are not JSON5"};
    if (c >= '1' && c <= '9') return SyntaxError{start, std::string("unknown escape \\") + c};
    const auto known = letters.find(c);
    const std::size_t from = offset_;
    advance();
    if (known != std::string_view::npos) {
        out += meanings[known];
    } else if (!at_end() || offset_ > from) {
        const std::string_view itself = text_.substr(from, offset_ - from);
        const bool separator = itself == "\xE2\x80\xA8" || itself == "\xE2\x80\xA9";
        if (!separator) out += itself;  // U+2028 and U+2029 continue the line like a newline
    }
    return std::nullopt;
}

Scanner::Failure Scanner::scan_string(std::string& out) {
    const Position start = at_;
    const char quote = peek();
    Failure first;
    advance();
    while (!at_end() && peek() != quote) {
        if (at_line_end()) {
            broke_off_ = true;
            return SyntaxError{start, "string is not closed before the end of its line"};
        }
        if (peek() != '\\') {
            const std::size_t from = offset_;
            advance();
            out += text_.substr(from, offset_ - from);
            continue;
        }
        const Position escape = at_;
        advance();
        Failure failure = scan_escape(out, escape);
        if (failure && !first) first = std::move(failure);
    }
    if (at_end()) return SyntaxError{start, "string is never closed"};
    advance();
    return first;
}

std::size_t Scanner::skip_digits() {
    const std::size_t from = offset_;
    while (digit(peek()))
        advance();
    return offset_ - from;
}

Scanner::Failure Scanner::scan_hex(Position start, std::string_view from, double& value) {
    advance();
    advance();
    std::size_t count = 0;
    for (int nibble = hex_value(peek()); nibble >= 0; nibble = hex_value(peek()), ++count) {
        value = value * 16 + nibble;
        advance();
    }
    if (count > 0) return std::nullopt;
    return SyntaxError{start, "hex number without digits: " + std::string(from.substr(0, 2))};
}

Scanner::Failure Scanner::scan_decimal(Position start) {
    const bool zero = peek() == '0';
    const std::size_t whole = skip_digits();
    std::size_t fraction = 0;
    if (peek() == '.') {
        advance();
        fraction = skip_digits();
    }
    if (whole + fraction == 0) return SyntaxError{start, "number without digits"};
    if (zero && whole > 1) return SyntaxError{start, "number with a leading zero"};
    if (ascii_lower(peek()) == 'e') {
        advance();
        if (peek() == '+' || peek() == '-') advance();
        if (skip_digits() == 0) return SyntaxError{start, "exponent without digits"};
    }
    return std::nullopt;
}

Scanner::Failure Scanner::scan_number(std::string& lexeme, double& value) {
    const Position start = at_;
    const std::size_t from = offset_;
    const bool negative = peek() == '-';
    if (negative || peek() == '+') advance();
    const std::size_t unsigned_from = offset_;
    if (at_identifier()) {
        std::string word;
        if (auto failure = scan_identifier(word)) return failure;
        if (word != "Infinity" && word != "NaN") {
            return SyntaxError{start, "expected a number after the sign"};
        }
        using limits = std::numeric_limits<double>;
        value = word == "NaN" ? limits::quiet_NaN() : limits::infinity();
    } else if (peek() == '0' && ascii_lower(peek(1)) == 'x') {
        if (auto failure = scan_hex(start, text_.substr(unsigned_from), value)) return failure;
    } else {
        if (auto failure = scan_decimal(start)) return failure;
        value = magnitude(text_.substr(unsigned_from, offset_ - unsigned_from));
    }
    if (!at_end() && identifier_part(code_point())) {
        return SyntaxError{at_, "unexpected " + shown() + " in a number"};
    }
    if (negative) value = -value;
    lexeme = text_.substr(from, offset_ - from);
    return std::nullopt;
}

Scanner::Failure Scanner::scan_identifier(std::string& out) {
    while (!at_end()) {
        if (peek() == '\\') {
            const Position start = at_;
            advance();
            if (peek() != 'u') return SyntaxError{start, "only \\u escapes may stand in a name"};
            advance();
            if (auto failure = scan_unicode_escape(out, start)) return failure;
            continue;
        }
        const std::uint32_t c = code_point();
        const bool joiner = c == 0x200C || c == 0x200D;
        if (!identifier_part(c) && !joiner) break;
        utf8::append(out, c);
        advance();
    }
    return std::nullopt;
}

}  // namespace ccr::json5
