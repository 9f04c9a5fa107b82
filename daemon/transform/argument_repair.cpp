// SPDX-License-Identifier: MIT
#include "daemon/transform/argument_repair.hpp"

#include <utility>

#include "common/text.hpp"
#include "daemon/transform/bare_word.hpp"

namespace ccr::transform {
namespace {

// What stands in front of an object is a word or a fence; more of it is prose and no arguments.
constexpr std::size_t max_lead = 1024;
constexpr std::size_t max_depth = 256;
// White space and bare words that are held back.
constexpr std::size_t max_held = std::size_t{1} << 20U;

constexpr std::string_view simple_escapes = "\"\\/bfnrt";

bool is_quote(char c) {
    return c == '"' || c == '\'' || c == '`';
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool says_nothing(std::string_view lead) {
    return lead == "null" || lead == "None" || lead == "undefined" || lead == "\"\"";
}

}  // namespace

void ArgumentRepair::feed(std::string_view text, std::string& out) {
    out_ = &out;
    for (const char c : text)
        peel_ ? peel(c) : read(c);
}

// One level of escapes off. \u stays: inside a string it means the same.
void ArgumentRepair::peel(char c) {
    if (!peel_escape_ && c == '\\') {
        peel_escape_ = true;
        return;
    }
    if (!peel_escape_) {
        if (c == '"' && wrapped_) {
            if (state_ == State::quote) end_string();
            if (stack_.empty()) state_ = State::done;
            return;
        }
        return read(c);
    }
    peel_escape_ = false;
    switch (c) {
        case 'n':
            return read('\n');
        case 'r':
            return read('\r');
        case 't':
            return read('\t');
        case 'u':
            read('\\');
            return read('u');
        default:
            return read(c);
    }
}

void ArgumentRepair::read(char c) {
    switch (state_) {
        case State::lead:
            return lead(c);
        case State::structure:
            return structure(c);
        case State::string:
            return string(c);
        case State::quote:
            return behind_quote(c);
        case State::word:
            return word(c);
        case State::slash:
            return slash(c);
        case State::line_comment:
        case State::block_comment:
            return comment(c);
        case State::done:
            // A second object is another call's; all else behind the first is noise.
            if (c != '{') return;
            state_ = State::raw;
            *out_ += c;
            return;
        case State::raw:
            *out_ += c;
            return;
    }
}

void ArgumentRepair::lead(char c) {
    held_ += c;
    const std::string_view before = trim(held_);
    if (c == '{') {
        const std::string_view front = before.substr(0, before.size() - 1);
        peel_ = wrapped_ = trim(front) == "\"";
        if (trim(front).empty()) out_->append(held_.data(), held_.size() - 1);
        held_.clear();
        *out_ += c;
        stack_ += c;
        place_ = Place::key;
        state_ = State::structure;
    } else if (before.starts_with('[') || held_.size() > max_lead) {
        *out_ += std::exchange(held_, {});
        state_ = State::raw;
    }
}

// --- between tokens

void ArgumentRepair::structure(char c) {
    if (ascii_space(c)) {
        if (gap_.size() < max_held) gap_ += c;
    } else if (c == ',') {
        separator();
    } else if (c == ':' || (c == '=' && place_ == Place::colon)) {
        colon();
    } else if (c == '}' || c == ']') {
        close(c);
    } else if (c == '/') {
        state_ = State::slash;
    } else if (c == '\\' && !peel_) {
        peel_ = true;
        peel(c);
    } else {
        token(c);
    }
}

void ArgumentRepair::separator() {
    const bool ends_value = place_ == Place::comma;
    const bool lacks_value = place_ == Place::colon || (place_ == Place::value && in_object());
    if (!ends_value && !lacks_value) return;  // one too many
    if (lacks_value) fill();
    gap_ += ',';
    place_ = in_object() ? Place::key : Place::value;
}

// Writes what is missing of a member of which only the key came.
void ArgumentRepair::fill() {
    if (!in_object()) return;
    if (place_ == Place::colon) *out_ += ":null";
    if (place_ == Place::value) *out_ += "null";
    place_ = Place::comma;
}

void ArgumentRepair::colon() {
    if (place_ == Place::key) {
        flush_gap();
        *out_ += "\"\"";
        place_ = Place::colon;
    }
    if (place_ != Place::colon) return;
    flush_gap();
    *out_ += ':';
    place_ = Place::value;
}

void ArgumentRepair::flush_gap() {
    *out_ += gap_;
    gap_.clear();
}

void ArgumentRepair::close(char c) {
    const char opening = c == '}' ? '{' : '[';
    if (stack_.find(opening) == std::string::npos) return;
    while (stack_.back() != opening)
        close_top();
    close_top();
}

void ArgumentRepair::close_top() {
    if (place_ == Place::colon || place_ == Place::value) fill();
    std::erase(gap_, ',');
    flush_gap();
    *out_ += in_object() ? '}' : ']';
    stack_.pop_back();
    value_ended();
    if (stack_.empty()) state_ = State::done;
}

void ArgumentRepair::value_ended() {
    place_ = Place::comma;
}

void ArgumentRepair::begin_token() {
    if (place_ == Place::comma) {
        gap_.insert(0, 1, ',');
        place_ = in_object() ? Place::key : Place::value;
    }
    if (place_ == Place::colon) {
        *out_ += ':';
        place_ = Place::value;
    }
    flush_gap();
}

void ArgumentRepair::token(char c) {
    begin_token();
    if (c == '{' || c == '[') {
        if (place_ == Place::key) *out_ += "\"\":";
        *out_ += c;
        stack_ += c;
        place_ = c == '{' ? Place::key : Place::value;
        if (stack_.size() > max_depth) state_ = State::raw;
        return;
    }
    is_key_ = place_ == Place::key;
    if (is_quote(c)) {
        quote_ = c;
        *out_ += '"';
        state_ = State::string;
    } else {
        held_ = c;
        state_ = State::word;
    }
}

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
    const bool string_begins =
        is_quote(c) && behind_space && !json_of_word(trim(held_)).starts_with('"');
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

// --- the end

void ArgumentRepair::finish(bool cut, std::string& out) {
    out_ = &out;
    if (state_ == State::lead) {
        const std::string_view text = trim(held_);
        says_nothing(text) ? out.append("{}") : out.append(held_);
        held_.clear();
        state_ = State::raw;
    }
    if (state_ == State::done || state_ == State::raw) return;
    if (state_ == State::quote) end_string();
    if (state_ == State::word) end_word();
    if (!cut) {
        if (state_ == State::string) {
            held_.clear();
            end_string();
        }
        gap_.clear();
        while (!stack_.empty())
            close_top();
    }
    state_ = State::done;
}

}  // namespace ccr::transform
