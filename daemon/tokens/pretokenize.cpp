// SPDX-License-Identifier: MIT
// The expressions, in the order of their alternatives (C = capitals' class, S = small letters',
// both with letters that have no case and marks):
//
//   o200k   [^\r\n\p{L}\p{N}]?C*S+ contraction?      cased_word
//           [^\r\n\p{L}\p{N}]?C+S* contraction?      capitals
//   cl100k  contraction
//           [^\r\n\p{L}\p{N}]?\p{L}+
//   both    \p{N}{1,3}
//           " "?[^\s\p{L}\p{N}]+[\r\n]*              o200k: [\r\n/]*
//           \s*[\r\n]+
//           \s+(?!\S)
//           \s+
//
// contraction = (?i:'s|'t|'re|'ve|'m|'ll|'d). A result of 0 from one of the functions: no match.
#include "daemon/tokens/pretokenize.hpp"

namespace ccr::tokens {
namespace {

bool is_newline(unsigned char c) {
    return c == '\r' || c == '\n';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool continues(unsigned char c) {
    return (c & 0xC0U) == 0x80;
}

}  // namespace

Pretokenizer::Char Pretokenizer::at(std::size_t i) const {
    if (i >= text_.size()) return {};
    const auto byte = static_cast<unsigned char>(text_[i]);
    if (byte < 0x80) return {vocabulary_.classes(byte), 1, byte};
    return wide_at(i);
}

Pretokenizer::Char Pretokenizer::wide_at(std::size_t i) const {
    const auto first = static_cast<unsigned char>(text_[i]);
    const std::uint8_t width = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC0 || first > 0xF7 || text_.size() - i < width) return {0, 1, first};
    char32_t code = first & (0xFFU >> (width + 1U));
    for (std::size_t k = 1; k < width; ++k) {
        const auto byte = static_cast<unsigned char>(text_[i + k]);
        if (!continues(byte)) return {0, 1, first};
        code = code << 6U | (byte & 0x3FU);
    }
    return {vocabulary_.classes(code), width, first};
}

std::size_t Pretokenizer::run(std::size_t i, std::uint8_t wanted) const {
    for (;;) {
        const Char c = at(i);
        if ((c.classes & wanted) == 0) return i;
        i += c.width;
    }
}

std::string_view Pretokenizer::next() {
    if (at_ >= text_.size()) return {};
    const std::size_t begin = at_;
    const Char first = at(begin);
    std::size_t end = 0;
    if ((first.classes & number) != 0) {
        end = numbers(begin);
    } else {
        end = word_end(begin, first);
        if (end == 0) end = punctuation(begin, first);
        if (end == 0) end = spaces(begin);
    }
    at_ = end;
    return text_.substr(begin, end - begin);
}

std::size_t Pretokenizer::word_end(std::size_t begin, Char first) const {
    const bool o200k = vocabulary_.pattern() == Pattern::o200k;
    if (!o200k) {
        if (const auto end = contraction(begin)) return end;
    }
    const bool may_lead = (first.classes & (letter | number)) == 0 && !is_newline(first.byte);
    const std::size_t inner = begin + first.width;
    if (!o200k) {
        const std::size_t from = may_lead ? inner : begin;
        const std::size_t end = run(from, letter);
        return end > from ? end : 0;
    }
    std::size_t end = may_lead ? cased_word(inner) : 0;
    if (end == 0) end = cased_word(begin);
    if (end == 0 && may_lead) end = capitals(inner);
    if (end == 0) end = capitals(begin);
    if (end == 0) return 0;
    const std::size_t longer = contraction(end);
    return longer != 0 ? longer : end;
}

// C*S+: where no small letter follows the capitals, the regex gives characters back until one that
// is of both classes can stand for S+.
std::size_t Pretokenizer::cased_word(std::size_t i) const {
    std::size_t last_of_both = 0;
    for (;;) {
        const Char c = at(i);
        if ((c.classes & among_capitals) == 0) break;
        i += c.width;
        if ((c.classes & among_small) != 0) last_of_both = i;
    }
    const std::size_t end = run(i, among_small);
    return end > i ? end : last_of_both;
}

// C+S*, tried where cased_word() found nothing: no small letter is near.
std::size_t Pretokenizer::capitals(std::size_t i) const {
    const std::size_t end = run(i, among_capitals);
    return end > i ? run(end, among_small) : 0;
}

std::size_t Pretokenizer::contraction(std::size_t i) const {
    const std::string_view rest = text_.substr(i, 3);
    if (rest.size() < 2 || rest[0] != '\'') return 0;
    const char one = lower(rest[1]);
    if (one == 's' || one == 't' || one == 'm' || one == 'd') return i + 2;
    if (rest.size() < 3) return 0;
    if (rest.substr(1) == "\xC5\xBF") return i + 3;  // the long s, a lower case of S
    const char two = lower(rest[2]);
    const bool pair = (two == 'e' && (one == 'r' || one == 'v')) || (two == 'l' && one == 'l');
    return pair ? i + 3 : 0;
}

std::size_t Pretokenizer::numbers(std::size_t i) const {
    for (int count = 0; count < 3; ++count) {
        const Char c = at(i);
        if ((c.classes & number) == 0) break;
        i += c.width;
    }
    return i;
}

std::size_t Pretokenizer::punctuation(std::size_t i, Char first) const {
    if (first.byte == ' ') ++i;
    const std::size_t begin = i;
    for (;;) {
        const Char c = at(i);
        if (c.width == 0 || (c.classes & (letter | number | space)) != 0) break;
        i += c.width;
    }
    if (i == begin) return 0;
    const bool slashes = vocabulary_.pattern() == Pattern::o200k;
    while (i < text_.size()) {
        const auto byte = static_cast<unsigned char>(text_[i]);
        if (!is_newline(byte) && !(slashes && byte == '/')) break;
        ++i;
    }
    return i;
}

std::size_t Pretokenizer::spaces(std::size_t begin) const {
    std::size_t i = begin;
    std::size_t last = begin;  // where the last character begins
    std::size_t after_newline = 0;
    for (;;) {
        const Char c = at(i);
        if ((c.classes & space) == 0) break;
        last = i;
        i += c.width;
        if (is_newline(c.byte)) after_newline = i;
    }
    if (after_newline != 0) return after_newline;
    // The last space before a word belongs to the word.
    const bool word_follows = i < text_.size();
    return word_follows && last > begin ? last : i;
}

}  // namespace ccr::tokens
