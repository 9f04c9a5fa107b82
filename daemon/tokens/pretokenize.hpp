// SPDX-License-Identifier: MIT
// Cuts text into the pieces within which byte pairs are merged: tiktoken's two regular expressions,
// written out as a scanner. A regex engine was weighed: PCRE2's compiler needs memory that is
// writable and executable, which a hardened service does not get, and without it the time per byte
// is ten times ours; RE2 has no lookahead. Every step is linear, whatever the text.
#pragma once

#include <cstddef>
#include <string_view>

#include "daemon/tokens/vocabulary.hpp"

namespace ccr::tokens {

class Pretokenizer {
  public:
    // Both are borrowed. Any bytes will do; what is not UTF-8 counts as punctuation.
    Pretokenizer(const Vocabulary& vocabulary, std::string_view text)
        : vocabulary_(vocabulary), text_(text) {}

    // The next piece; empty at the end. The pieces put together are the text.
    [[nodiscard]] std::string_view next();

  private:
    struct Char {
        std::uint8_t classes = 0;
        std::uint8_t width = 0;  // 0 past the end
        unsigned char byte = 0;  // the first
    };
    [[nodiscard]] Char at(std::size_t i) const;
    [[nodiscard]] Char wide_at(std::size_t i) const;
    // End of the longest run from `i` of characters that have any class of `wanted`.
    [[nodiscard]] std::size_t run(std::size_t i, std::uint8_t wanted) const;
    [[nodiscard]] std::size_t word_end(std::size_t begin, Char first) const;
    [[nodiscard]] std::size_t cased_word(std::size_t i) const;
    [[nodiscard]] std::size_t capitals(std::size_t i) const;
    [[nodiscard]] std::size_t contraction(std::size_t i) const;
    [[nodiscard]] std::size_t numbers(std::size_t i) const;
    [[nodiscard]] std::size_t punctuation(std::size_t i, Char first) const;
    [[nodiscard]] std::size_t spaces(std::size_t begin) const;

    const Vocabulary& vocabulary_;
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace ccr::tokens
