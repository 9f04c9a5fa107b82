// SPDX-License-Identifier: MIT
#include "daemon/transform/argument_repair.hpp"

#include <utility>

#include "common/text.hpp"

namespace ccr::transform {
namespace {

// What stands in front of an object is a word or a fence; more of it is prose and no arguments.
constexpr std::size_t max_lead = 1024;
constexpr std::size_t max_depth = 256;

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
