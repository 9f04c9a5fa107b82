// SPDX-License-Identifier: MIT
#include <charconv>
#include <cmath>

#include "common/config/json5.hpp"

namespace ccr::json5 {
namespace {

void write_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

void write_number(std::string& out, const Value& value) {
    if (!std::isfinite(value.number)) {
        out += "null";
        return;
    }
    const bool plain = value.text.find_first_not_of("-0123456789") == std::string::npos;
    if (plain && !value.text.empty()) {
        out += value.text;  // keeps integers beyond 2^53 as they are
        return;
    }
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value.number);
    out.append(digits, end);
}

void write(std::string& out, const Value& value);

void write_container(std::string& out, const Value& value) {
    const bool object = value.is_object();
    out += object ? '{' : '[';
    bool first = true;
    const auto comma = [&] {
        if (!first) out += ',';
        first = false;
    };
    for (const Value& item : value.items) {
        comma();
        write(out, item);
    }
    for (const Member& member : value.members) {
        comma();
        write_string(out, member.key);
        out += ':';
        write(out, member.value);
    }
    out += object ? '}' : ']';
}

void write(std::string& out, const Value& value) {
    switch (value.type) {
        case Type::null:
            out += "null";
            return;
        case Type::boolean:
            out += value.boolean ? "true" : "false";
            return;
        case Type::number:
            write_number(out, value);
            return;
        case Type::string:
            write_string(out, value.text);
            return;
        case Type::array:
        case Type::object:
            write_container(out, value);
            return;
    }
}

}  // namespace

std::string to_json(const Value& value) {
    std::string out;
    write(out, value);
    return out;
}

}  // namespace ccr::json5
