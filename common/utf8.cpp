// SPDX-License-Identifier: MIT
#include "common/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ccr::utf8 {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view replacement_escape = "\\ufffd";

unsigned byte(char c) {
    return static_cast<unsigned char>(c);
}

// Bytes of the valid sequence at the front, 0 if there is none (RFC 3629: no overlong forms, no
// surrogates, nothing past U+10FFFF).
std::size_t sequence_length(std::string_view text) {
    const unsigned lead = byte(text[0]);
    if (lead < 0x80) return 1;
    const auto follows = [&](std::size_t i, unsigned low, unsigned high) {
        return i < text.size() && byte(text[i]) >= low && byte(text[i]) <= high;
    };
    if (lead >= 0xC2 && lead <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

// The code of a \uXXXX escape at the front, or -1.
int escape_code(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
    int code = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
    return error == std::errc{} && end == text.data() + 6 ? code : -1;
}
bool is_high(int code) {
    return code >= 0xD800 && code <= 0xDBFF;
}
bool is_low(int code) {
    return code >= 0xDC00 && code <= 0xDFFF;
}

// Copies the escape at the front of `rest` to `out`, repaired; returns the bytes it took.
std::size_t repair_escape(std::string& out, std::string_view rest) {
    const int code = escape_code(rest);
    if (is_high(code) && is_low(escape_code(rest.substr(6)))) {
        out += rest.substr(0, 12);
        return 12;
    }
    if (is_high(code) || is_low(code)) {
        out += replacement_escape;
        return 6;
    }
    const std::size_t length = std::min<std::size_t>(2, rest.size());
    out += rest.substr(0, length);
    return length;
}

}  // namespace

void append(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | (code >> 6U));
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | (code >> 12U));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3FU));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

bool valid(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::size_t complete_prefix(std::string_view bytes) {
    for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
        const unsigned lead = byte(bytes[bytes.size() - back]);
        if ((lead & 0xC0U) == 0x80U) continue;
        const std::size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        return wanted > back ? bytes.size() - back : bytes.size();
    }
    return bytes.size();
}

void repair_json(std::string& text) {
    std::string out;
    out.reserve(text.size() + 16);
    std::string_view rest = text;
    while (!rest.empty()) {
        if (rest[0] == '\\') {
            rest.remove_prefix(repair_escape(out, rest));
        } else if (const std::size_t length = sequence_length(rest); length > 0) {
            out += rest.substr(0, length);
            rest.remove_prefix(length);
        } else {
            out += replacement;
            rest.remove_prefix(1);
        }
    }
    text = std::move(out);
}

}  // namespace ccr::utf8
