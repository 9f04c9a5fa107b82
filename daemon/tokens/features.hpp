// SPDX-License-Identifier: MIT
// What a text is made of, counted 64 bytes at a time: how many words, humps, punctuation runs,
// Chinese characters … Tokens are estimated from these (estimate.hpp). The counts are of the text
// that a JSON-escaped slice stands for, as far as that matters: \n is a line end, \" one character.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ccr::tokens {

enum class Feature : std::uint8_t {
    word,             // runs of ASCII letters
    long_letter,      // letters that have eight or more before them in their word
    hump,             // capitals after a small letter
    digit_run,        // runs of digits
    digit,            // digits
    punctuation_run,  // runs of punctuation
    punctuation,      // its characters
    newline_run,      // runs of line ends
    wide_run,         // runs of bytes above ASCII
    two_bytes,        // characters of two bytes in UTF-8: accented, Greek, Cyrillic, Arabic …
    cjk,              // of three bytes: kana, ideographs, Hangul
    three_bytes,      // the rest of those: Indic and Thai letters, symbols, full-width forms
    four_bytes,       // emoji and rare ideographs
};
constexpr std::size_t feature_count = 13;
using Features = std::array<std::uint64_t, feature_count>;

// Adds the counts of `text` to `counts`. Any bytes will do.
void count_features(std::string_view text, Features& counts);
// The same without any instruction of one kind of processor: what others use, and what the test
// compares with.
void count_features_portably(std::string_view text, Features& counts);

}  // namespace ccr::tokens
