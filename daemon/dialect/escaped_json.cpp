// SPDX-License-Identifier: MIT
#include "daemon/dialect/escaped_json.hpp"

#include <algorithm>

namespace ccr::dialect {
namespace {

// The text starts behind an opening quote; returns its length up to and with the closing one.
// Inside of strings only quotes and backslashes need escaping: valid JSON has no raw controls.
std::size_t append_string(json::Writer& out, std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t special = std::min(text.find_first_of("\"\\", i), text.size());
        out.append_escaped_text(text.substr(i, special - i));
        if (special == text.size()) return special;
        if (text[special] == '"') {
            out.append_escaped_text("\\\"");
            return special + 1;
        }
        const char escaped = special + 1 < text.size() ? text[special + 1] : '\\';
        out.append_escaped_text("\\\\");
        if (escaped == '"' || escaped == '\\') out.append_escaped_text("\\");
        out.append_escaped_text(text.substr(special + 1, 1));
        i = special + 2;
    }
    return text.size();
}

}  // namespace

void write_as_string(json::Writer& out, std::string_view json) {
    constexpr std::string_view breaks = "\" \t\r\n";
    out.begin_string();
    while (!json.empty()) {
        const std::size_t plain = std::min(json.find_first_of(breaks), json.size());
        out.append_escaped_text(json.substr(0, plain));
        json.remove_prefix(plain);
        if (json.empty()) break;
        const bool string = json.front() == '"';
        json.remove_prefix(1);
        if (!string) continue;
        out.append_escaped_text("\\\"");
        json.remove_prefix(append_string(out, json));
    }
    out.end_string();
}

}  // namespace ccr::dialect
