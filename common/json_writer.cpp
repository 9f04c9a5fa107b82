// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>

#include "common/json.hpp"
#include "common/text.hpp"
#include "common/utf8.hpp"

namespace ccr::json {
namespace {

constexpr bool must_escape(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

void append_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            break;
    }
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
}

std::uint32_t hex4(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + std::min<std::size_t>(4, text.size()), value, 16);
    return value;
}

// `text` starts at a backslash; returns how many bytes of it the escape takes.
std::size_t append_unescaped(std::string& out, std::string_view text) {
    if (text.size() < 2) return text.size();
    switch (text[1]) {
        case 'n':
            out += '\n';
            return 2;
        case 'r':
            out += '\r';
            return 2;
        case 't':
            out += '\t';
            return 2;
        case 'b':
            out += '\b';
            return 2;
        case 'f':
            out += '\f';
            return 2;
        case 'u':
            break;
        default:
            out += text[1];
            return 2;
    }
    std::uint32_t code = hex4(text.substr(2));
    if (code < 0xD800 || code > 0xDBFF) {
        utf8::append(out, code);
        return std::min<std::size_t>(6, text.size());
    }
    const std::uint32_t low = text.size() >= 12 ? hex4(text.substr(8)) : 0;
    utf8::append(out, 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00));
    return std::min<std::size_t>(12, text.size());
}

}  // namespace

bool is_plain(std::string_view text) {
    return std::none_of(text.begin(), text.end(), must_escape);
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto special = std::find_if(text.begin(), text.end(), must_escape);
        const auto plain = static_cast<std::size_t>(special - text.begin());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) return;
        append_escape(out, text.front());
        text.remove_prefix(1);
    }
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 8);
    append_escaped(out, text);
    return out;
}

std::string unescape(std::string_view escaped) {
    std::string out;
    out.reserve(escaped.size());
    while (!escaped.empty()) {
        const std::size_t plain = std::min(escaped.find('\\'), escaped.size());
        out.append(escaped.substr(0, plain));
        escaped.remove_prefix(plain);
        if (escaped.empty()) break;
        escaped.remove_prefix(append_unescaped(out, escaped));
    }
    return out;
}

void Writer::comma() {
    if (need_comma_) out_ += ',';
    need_comma_ = true;
}

Writer& Writer::open(char bracket) {
    comma();
    out_ += bracket;
    need_comma_ = false;
    return *this;
}

Writer& Writer::close(char bracket) {
    out_ += bracket;
    need_comma_ = true;
    return *this;
}

Writer& Writer::key(std::string_view name) {
    comma();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    need_comma_ = false;
    return *this;
}

Writer& Writer::string(std::string_view text) {
    return begin_string().append_text(text).end_string();
}

Writer& Writer::escaped(std::string_view escaped_content) {
    return begin_string().append_escaped_text(escaped_content).end_string();
}

Writer& Writer::raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
}

Writer& Writer::number(std::int64_t value) {
    comma();
    append_number(out_, value);
    return *this;
}

Writer& Writer::number(double value) {
    if (!std::isfinite(value)) return null();
    comma();
    append_number(out_, value);
    return *this;
}

Writer& Writer::begin_string() {
    comma();
    out_ += '"';
    return *this;
}

Writer& Writer::append_text(std::string_view text) {
    append_escaped(out_, text);
    return *this;
}

Writer& Writer::append_escaped_text(std::string_view escaped_content) {
    out_ += escaped_content;
    return *this;
}

Writer& Writer::end_string() {
    out_ += '"';
    return *this;
}

}  // namespace ccr::json
