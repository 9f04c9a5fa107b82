// SPDX-License-Identifier: MIT
#include "daemon/transform/bare_word.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

#include "common/json.hpp"
#include "common/text.hpp"

namespace ccr::transform {
namespace {

struct Literal {
    std::string_view word;
    std::string_view json;
};
constexpr Literal literals[] = {
    {"true", "true"},      {"false", "false"},    {"null", "null"}, {"True", "true"},
    {"False", "false"},    {"None", "null"},      {"TRUE", "true"}, {"FALSE", "false"},
    {"undefined", "null"}, {"NaN", "null"},       {"NULL", "null"}, {"nil", "null"},
    {"Infinity", "null"},  {"-Infinity", "null"},
};

bool is_json(std::string_view text) {
    json::Document document;
    const auto value = document.parse_view(text);
    return value && value->is_number();
}

// 0x1F, +5, .5 and 5. as JSON spells them; empty if it is no number at all.
std::string as_number(std::string_view word) {
    if (is_json(word)) return std::string(word);
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    std::string out = negative ? "-" : "";
    if (word.starts_with("0x") || word.starts_with("0X")) {
        std::uint64_t value = 0;
        const char* last = word.data() + word.size();
        const auto [end, error] = std::from_chars(word.data() + 2, last, value, 16);
        if (error != std::errc() || end != last || word.size() == 2) return {};
        return out + std::to_string(value);
    }
    if (word.starts_with('.')) out += '0';
    out += word;
    if (out.ends_with('.')) out += '0';
    return is_json(out) ? out : std::string();
}

}  // namespace

std::string json_of_word(std::string_view word) {
    const auto* literal = std::find_if(std::begin(literals), std::end(literals),
                                       [word](const Literal& known) { return known.word == word; });
    if (literal != std::end(literals)) return std::string(literal->json);
    if (std::string number = as_number(word); !number.empty()) return number;
    std::string out = "\"";
    json::append_escaped(out, word);
    return out += '"';
}

}  // namespace ccr::transform
