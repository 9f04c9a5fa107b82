// SPDX-License-Identifier: MIT
#include "daemon/dialect/argument_scanner.hpp"

#include <cstddef>

#include "common/json.hpp"
#include "common/text.hpp"

namespace ccr::dialect {
namespace {

// What stands for any character without a meaning in JSON's syntax.
constexpr char other = 'x';

// Decodes the escape at text[i], which is a backslash, and moves i to its last byte.
char decode_escape(std::string_view text, std::size_t& i) {
    if (i + 1 >= text.size()) return other;
    const char c = text[++i];
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'n':
        case 'r':
        case 't':
            return ' ';
        case 'u':
            break;
        default:
            return other;
    }
    const std::string decoded = json::unescape(text.substr(i - 1, 6));
    i += 4;
    return decoded.size() == 1 ? decoded.front() : other;
}

}  // namespace

void ArgumentScanner::read(chat::Escaped fragment) {
    const std::string_view text = fragment.bytes;
    for (std::size_t i = 0; i < text.size() && state_ != State::complete; ++i) {
        read(text[i] == '\\' ? decode_escape(text, i) : text[i]);
    }
}

void ArgumentScanner::read(char c) {
    if (state_ == State::escape) {
        state_ = State::string;
    } else if (state_ == State::string) {
        if (c == '\\') state_ = State::escape;
        if (c == '"') state_ = depth_ == 0 ? State::complete : State::value;
    } else if (c == '"') {
        state_ = State::string;
    } else if (c == '{' || c == '[') {
        state_ = State::value;
        ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
        if (--depth_ == 0) state_ = State::complete;
    } else if (!ascii_space(c)) {
        state_ = State::value;
    }
}

char first_character(chat::Escaped text) {
    for (std::size_t i = 0; i < text.bytes.size(); ++i) {
        const char c = text.bytes[i] == '\\' ? decode_escape(text.bytes, i) : text.bytes[i];
        if (!ascii_space(c)) return c;
    }
    return '\0';
}

bool blank(chat::Escaped text) {
    return first_character(text) == '\0';
}

}  // namespace ccr::dialect
