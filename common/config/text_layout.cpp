// SPDX-License-Identifier: MIT
#include "common/config/text_layout.hpp"

#include "common/config/json5_scanner.hpp"

namespace ccr::config {
namespace {

using json5::Scanner;

// The text was parsed before: no scan fails here, and if one did the scanner would still go on.
void skip_space(Scanner& scan) {
    static_cast<void>(scan.skip_space());
}

std::string take_key(Scanner& scan) {
    std::string key;
    static_cast<void>(scan.at_string() ? scan.scan_string(key) : scan.scan_identifier(key));
    return key;
}

// Over one token that is no bracket.
void skip_token(Scanner& scan) {
    std::string ignored;
    double number = 0;
    if (scan.at_string()) {
        static_cast<void>(scan.scan_string(ignored));
    } else if (scan.at_number()) {
        static_cast<void>(scan.scan_number(ignored, number));
    } else if (scan.at_identifier()) {
        static_cast<void>(scan.scan_identifier(ignored));
    } else {
        scan.advance();
    }
}

void skip_value(Scanner& scan) {
    std::size_t open = 0;
    do {
        const char c = scan.peek();
        if (c == '{' || c == '[') {
            ++open;
            scan.advance();
        } else if (c == '}' || c == ']') {
            --open;
            scan.advance();
        } else {
            skip_token(scan);
        }
        if (open > 0) skip_space(scan);
    } while (open > 0 && !scan.at_end());
}

}  // namespace

std::size_t start_of_value(std::string_view text) {
    Scanner scan(text);
    skip_space(scan);
    return scan.offset();
}

bool at_container(std::string_view text, std::size_t offset) {
    return offset < text.size() && (text[offset] == '{' || text[offset] == '[');
}

Layout layout_at(std::string_view text, std::size_t offset) {
    Scanner scan(text.substr(offset));
    Layout out;
    out.object = scan.peek() == '{';
    scan.advance();
    skip_space(scan);
    while (!scan.at_end() && scan.peek() != '}' && scan.peek() != ']') {
        Entry entry;
        entry.whole.begin = offset + scan.offset();
        if (out.object) {
            entry.key = take_key(scan);
            skip_space(scan);
            scan.advance();  // the colon
            skip_space(scan);
        }
        entry.value.begin = offset + scan.offset();
        skip_value(scan);
        entry.value.end = entry.whole.end = offset + scan.offset();
        skip_space(scan);
        if (scan.peek() == ',') {
            entry.comma = offset + scan.offset();
            scan.advance();
            skip_space(scan);
        }
        out.entries.push_back(std::move(entry));
    }
    scan.advance();
    out.whole = {offset, offset + scan.offset()};
    return out;
}

}  // namespace ccr::config
