// SPDX-License-Identifier: MIT
// Small string helpers without a better home. ASCII only where case is concerned: header names,
// model names and config keys are ASCII by their specifications.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ccr {

constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool ascii_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

// Empties the text and gives its memory back, which assigning an empty one does not.
inline void release(std::string& text) {
    std::string().swap(text);
}

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);
[[nodiscard]] bool icontains(std::string_view text, std::string_view part);
[[nodiscard]] std::string_view trim(std::string_view text);
// Levenshtein distance, for "did you mean"; texts are cut at 64 bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The whole text as a decimal number, or nothing.
template <typename Number>
[[nodiscard]] std::optional<Number> to_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template <typename Number>
void append_number(std::string& out, Number value) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end);
}

// RFC 3986: all but the unreserved characters and those in `also` as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view also = {});

// RFC 4648 base64url without padding. decode gives nothing for any other alphabet.
[[nodiscard]] std::string base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);
[[nodiscard]] std::string hex(std::string_view bytes);

}  // namespace ccr
