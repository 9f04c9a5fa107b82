// SPDX-License-Identifier: MIT
// The repair's inside of strings, bare words and comments.
#include <utility>

#include "common/text.hpp"
#include "daemon/transform/argument_repair.hpp"
#include "daemon/transform/bare_word.hpp"

namespace ccr::transform {
namespace {

constexpr std::size_t longest_literal = 64;
constexpr std::string_view simple_escapes = "\"\\/bfnrt";

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

// --- strings

void ArgumentRepair::write(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"') {
        *out_ += "\\\"";
    } else if (c == '\n') {
        *out_ += "\\n";
    } else if (c == '\r') {
        *out_ += "\\r";
    } else if (c == '\t') {
        *out_ += "\\t";
    } else if (byte < 0x20) {
        *out_ += "\\u00";
        *out_ += digits[byte >> 4U];
        *out_ += digits[byte & 15U];
    } else {
        *out_ += c;
    }
}

void ArgumentRepair::string(char c) {
    if (escape_ || hex_) return escape(c);
    if (c == '\\') {
        escape_ = true;
    } else if (c == quote_) {
        held_.clear();
        state_ = State::quote;
    } else {
        write(c);
    }
}

// An escape that JSON does not know is a backslash that was meant: \d of a pattern, \U of a path.
void ArgumentRepair::escape(char c) {
    if (hex_) {
        if (is_hex(c)) {
            held_ += c;
            if (held_.size() < 4) return;
            *out_ += "\\u" + std::exchange(held_, {});
            hex_ = false;
            return;
        }
        hex_ = false;
        *out_ += "\\\\u" + std::exchange(held_, {});
        return string(c);
    }
    escape_ = false;
    if (c == 'u') {
        hex_ = true;
        held_.clear();
    } else if (simple_escapes.find(c) != std::string_view::npos) {
        *out_ += '\\';
        *out_ += c;
    } else if (is_quote(c)) {
        write(c);
    } else if (c != '\n') {
        *out_ += "\\\\";
        write(c);
    }
}

void ArgumentRepair::behind_quote(char c) {
    if (ascii_space(c) && held_.size() < max_held) {
        held_ += c;
        return;
    }
    const bool new_line = held_.find('\n') != std::string::npos;
    bool ends = new_line;
    if (c == ',' || c == '}' || c == ']') ends = true;
    if (c == ':') ends = is_key_;
    if (is_key_ && (c == '=' || !held_.empty())) ends = true;
    if (is_quote(c)) ends = !held_.empty();
    if (c == '/') ends = !held_.empty();
    if (ends) {
        end_string();
        return structure(c);
    }
    inner_quote();
    string(c);
}

// The quote was part of the string.
void ArgumentRepair::inner_quote() {
    write(quote_);
    for (const char c : std::exchange(held_, {}))
        write(c);
    state_ = State::string;
}

void ArgumentRepair::end_string() {
    *out_ += '"';
    gap_ = std::exchange(held_, {});
    state_ = State::structure;
    place_ = is_key_ ? Place::colon : Place::comma;
}

// --- bare words and comments

void ArgumentRepair::word(char c) {
    const bool key_ends = is_key_ && (c == ':' || c == '=' || ascii_space(c));
    const bool behind_space = ascii_space(held_.back());
    // A number or literal without its comma.
    const bool string_begins = is_quote(c) && behind_space && held_.size() <= longest_literal &&
                               !json_of_word(trim(held_)).starts_with('"');
    if (c == ',' || c == '}' || c == ']' || c == '\n' || key_ends || string_begins) {
        end_word();
        return structure(c);
    }
    if ((c == '/' || c == '*') && held_.size() > 2 && held_.back() == '/' &&
        ascii_space(held_[held_.size() - 2])) {
        held_.pop_back();
        end_word();
        return slash(c);
    }
    held_ += c;
    if (held_.size() > max_held) end_word();
}

void ArgumentRepair::end_word() {
    std::string word = std::exchange(held_, {});
    const std::string_view bare = trim(word);
    std::string json = json_of_word(bare);
    if (is_key_ && !json.starts_with('"')) json = '"' + std::string(bare) + '"';
    *out_ += json;
    gap_ = word.substr(bare.size());
    state_ = State::structure;
    place_ = is_key_ ? Place::colon : Place::comma;
}

void ArgumentRepair::slash(char c) {
    star_ = false;
    if (c == '/') {
        state_ = State::line_comment;
    } else if (c == '*') {
        state_ = State::block_comment;
    } else {
        token('/');
        read(c);
    }
}

void ArgumentRepair::comment(char c) {
    const bool line = state_ == State::line_comment;
    if (line ? c == '\n' : (star_ && c == '/')) {
        state_ = State::structure;
        if (line) structure(c);
    }
    star_ = c == '*';
}

}  // namespace ccr::transform
