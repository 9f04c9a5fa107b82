// SPDX-License-Identifier: MIT
#include "daemon/search/plain_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "common/text.hpp"
#include "common/url.hpp"
#include "common/utf8.hpp"
#include "daemon/search/engine.hpp"

namespace ccr::search {
namespace {

// Longer texts are cut before anything else looks at them: a character costs at most so many bytes
// of markup.
constexpr std::size_t markup_per_character = 32;
constexpr std::size_t longest_entity = 10;

bool letter(char c) {
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'z';
}

// What makes a tag of a '<' in front of it.
bool begins_name(char c) {
    return letter(c) || c == '/' || c == '!' || c == '?';
}

// A '<' that begins a tag, a comment or a declaration; "a < b" does not.
bool begins_tag(std::string_view text) {
    if (text.size() < 2) return false;
    if (text[1] == '/') return text.size() > 2 && letter(text[2]);
    return letter(text[1]) || text[1] == '!' || text[1] == '?';
}

// Length of the element's own tag and, where it is code and no text, of all up to its end.
std::size_t markup_length(std::string_view text) {
    if (text.starts_with("<!--")) {
        const auto end = text.find("-->");
        return end == std::string_view::npos ? text.size() : end + 3;
    }
    const auto end = text.find('>');
    if (end == std::string_view::npos) return text.size();
    for (const std::string_view name : {"script", "style", "template", "iframe", "noscript"}) {
        if (!iequals(text.substr(1, name.size()), name)) continue;
        if (letter(text[1 + name.size()])) continue;
        const std::string closing = "</" + std::string(name);
        for (std::size_t at = end; at + closing.size() <= text.size(); ++at) {
            if (!iequals(text.substr(at, closing.size()), closing)) continue;
            const auto after = text.find('>', at);
            return after == std::string_view::npos ? text.size() : after + 1;
        }
        return text.size();
    }
    return end + 1;
}

std::string without_tags(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (text.front() == '<' && begins_tag(text)) {
            // Inside a word a tag only marks up: "inter<b>net</b>"; between words there is a space.
            text.remove_prefix(markup_length(text));
            continue;
        }
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 18> names{{{"amp", '&'},
                                                                            {"lt", '<'},
                                                                            {"gt", '>'},
                                                                            {"quot", '"'},
                                                                            {"apos", '\''},
                                                                            {"nbsp", ' '},
                                                                            {"hellip", 0x2026},
                                                                            {"mdash", 0x2014},
                                                                            {"ndash", 0x2013},
                                                                            {"lsquo", 0x2018},
                                                                            {"rsquo", 0x2019},
                                                                            {"ldquo", 0x201C},
                                                                            {"rdquo", 0x201D},
                                                                            {"laquo", 0xAB},
                                                                            {"raquo", 0xBB},
                                                                            {"middot", 0xB7},
                                                                            {"copy", 0xA9},
                                                                            {"reg", 0xAE}}};

std::optional<std::uint32_t> code_of(std::string_view name) {
    if (name.starts_with('#')) {
        name.remove_prefix(1);
        const bool hexadecimal = name.starts_with('x') || name.starts_with('X');
        if (hexadecimal) name.remove_prefix(1);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(name.data(), name.data() + name.size(), code, hexadecimal ? 16 : 10);
        const bool whole = !name.empty() && end == name.data() + name.size();
        const bool scalar = code > 0 && code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
        if (error != std::errc{} || !whole || !scalar) return std::nullopt;
        return code;
    }
    const auto* found = std::find_if(names.begin(), names.end(),
                                     [name](const auto& row) { return row.first == name; });
    if (found == names.end()) return std::nullopt;
    return found->second;
}

std::string without_entities(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (text.front() == '&') {
            const auto end = text.substr(0, longest_entity + 2).find(';');
            const auto code =
                end == std::string_view::npos ? std::nullopt : code_of(text.substr(1, end - 1));
            if (code) {
                utf8::append(out, *code);
                text.remove_prefix(end + 1);
                continue;
            }
        }
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

// Of the character that valid UTF-8 begins with.
std::size_t length_of(char first) {
    const auto byte = static_cast<unsigned char>(first);
    if (byte < 0x80) return 1;
    if (byte < 0xE0) return 2;
    return byte < 0xF0 ? 3 : 4;
}

std::uint32_t decode(std::string_view bytes) {
    if (bytes.size() == 1) return static_cast<unsigned char>(bytes[0]);
    std::uint32_t code = static_cast<unsigned char>(bytes[0]) & (0x7FU >> bytes.size());
    for (const char c : bytes.substr(1))
        code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    return code;
}

bool blank(std::uint32_t code) {
    return code <= 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0x2028 || code == 0x2029;
}

// Nothing is seen of these: marks that turn the direction, join or separate, and the letters that
// only machines read.
bool invisible(std::uint32_t code) {
    constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> ranges{{{0xAD, 0xAD},
                                                                             {0x61C, 0x61C},
                                                                             {0x180E, 0x180E},
                                                                             {0x200B, 0x200F},
                                                                             {0x202A, 0x202E},
                                                                             {0x2060, 0x206F},
                                                                             {0xFEFF, 0xFEFF},
                                                                             {0xFFF9, 0xFFFB},
                                                                             {0xE0000, 0xE0FFF}}};
    return std::any_of(ranges.begin(), ranges.end(), [code](const auto& range) {
        return code >= range.first && code <= range.second;
    });
}

std::string visible(std::string_view text, std::size_t max) {
    std::string out;
    std::size_t count = 0;
    bool space = false;
    while (!text.empty()) {
        const std::string_view bytes = text.substr(0, length_of(text.front()));
        text.remove_prefix(bytes.size());
        const std::uint32_t code = decode(bytes);
        if (invisible(code)) continue;
        if (blank(code)) {
            space = !out.empty();
            continue;
        }
        // What was taken out in between may have kept a tag apart: "<<b>system>".
        space = space || (out.ends_with('<') && begins_name(bytes.front()));
        if (count + (space ? 2 : 1) > max) return out + "…";
        if (space) out += ' ';
        count += space ? 2 : 1;
        space = false;
        out += bytes;
    }
    return out;
}

}  // namespace

std::string plain_text(std::string_view html, std::size_t max) {
    html = html.substr(0, max * markup_per_character);
    html = html.substr(0, utf8::complete_prefix(html));
    if (!utf8::valid(html)) return {};
    // Twice: a page that spells tags with entities means them for whoever decodes those, be that a
    // browser or a model that takes <system> for its operator's word.
    const std::string text = without_tags(without_entities(without_tags(html)));
    return visible(text, max);
}

std::optional<std::string> plain_url(std::string_view url) {
    url = trim(url);
    if (url.size() > max_url) return std::nullopt;
    const auto parsed = parse_url(url);
    if (!parsed || !parsed->userinfo.empty()) return std::nullopt;
    std::string out;
    for (const char c : url) {
        const bool plain = c > 0x20 && c < 0x7F && c != '"' && c != '<' && c != '>' && c != '`';
        out += plain ? std::string(1, c) : percent_encode(std::string_view(&c, 1));
    }
    return out;
}

}  // namespace ccr::search
