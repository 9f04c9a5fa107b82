// SPDX-License-Identifier: MIT
#include "daemon/tokens/features.hpp"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <emmintrin.h>
#define CCR_ALWAYS_INLINE __attribute__((always_inline)) inline
#else
#define CCR_ALWAYS_INLINE inline
#endif

namespace ccr::tokens {
namespace {

constexpr std::size_t block_size = 64;

// One bit per byte of a block.
struct Masks {
    std::uint64_t letter = 0, bit5 = 0, digit = 0, space = 0, newline = 0, backslash = 0, high = 0,
                  lead = 0, lead3 = 0, cjk = 0, lead4 = 0;
};

#if defined(__x86_64__)

struct Bytes {
    __m128i v;

    // lo <= byte < lo + count, for each byte
    [[nodiscard]] CCR_ALWAYS_INLINE std::uint64_t in(unsigned lo, unsigned count) const {
        return in(v, lo, count);
    }
    [[nodiscard]] static CCR_ALWAYS_INLINE std::uint64_t in(__m128i bytes, unsigned lo,
                                                            unsigned count) {
        const __m128i moved = _mm_add_epi8(bytes, all(0x80U - lo));
        return bits(_mm_cmplt_epi8(moved, all(0x80U + count)));
    }
    [[nodiscard]] CCR_ALWAYS_INLINE std::uint64_t is(char c) const {
        return bits(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
    }
    [[nodiscard]] CCR_ALWAYS_INLINE std::uint64_t either(char a, char c) const {
        return bits(
            _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(a)), _mm_cmpeq_epi8(v, _mm_set1_epi8(c))));
    }
    // As signed numbers: bytes above ASCII lie below zero, the leads of UTF-8 nearest to it.
    [[nodiscard]] CCR_ALWAYS_INLINE std::uint64_t above(int limit) const {
        return bits(_mm_cmpgt_epi8(v, _mm_set1_epi8(static_cast<char>(limit))));
    }
    [[nodiscard]] static CCR_ALWAYS_INLINE __m128i all(unsigned byte) {
        return _mm_set1_epi8(static_cast<char>(byte & 0xFFU));
    }
    [[nodiscard]] static CCR_ALWAYS_INLINE std::uint64_t bits(__m128i bytes) {
        return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
    }
};

CCR_ALWAYS_INLINE Masks vector_masks(const char* block) {
    Masks m;
    for (unsigned shift = 0; shift < block_size; shift += 16) {
        const Bytes b{
            _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(block + shift)))};
        m.letter |= Bytes::in(_mm_or_si128(b.v, Bytes::all(0x20)), 'a', 26) << shift;
        m.bit5 |= Bytes::bits(_mm_slli_epi16(b.v, 2)) << shift;
        m.digit |= b.in('0', 10) << shift;
        m.space |= b.either(' ', '\t') << shift;
        m.newline |= b.is('\n') << shift;
        m.backslash |= b.is('\\') << shift;
        m.high |= Bytes::bits(b.v) << shift;
        m.lead |= b.above(0xBF - 256) << shift;
        m.lead3 |= b.above(0xDF - 256) << shift;
        m.lead4 |= b.above(0xEF - 256) << shift;
        m.cjk |= b.in(0xE3, 0xEE - 0xE3) << shift;
    }
    m.lead &= m.high;
    m.lead3 &= m.high;
    m.lead4 &= m.high;
    return m;
}

#endif

Masks portable_masks(const char* block) {
    Masks m;
    for (unsigned i = 0; i < block_size; ++i) {
        const auto c = static_cast<unsigned char>(block[i]);
        const auto set = [i](std::uint64_t& mask, bool yes) {
            mask |= static_cast<std::uint64_t>(yes) << i;
        };
        set(m.letter, static_cast<unsigned char>((c | 0x20U) - 'a') < 26);
        set(m.bit5, (c & 0x20U) != 0);
        set(m.digit, static_cast<unsigned char>(c - '0') < 10);
        set(m.space, c == ' ' || c == '\t');
        set(m.newline, c == '\n');
        set(m.backslash, c == '\\');
        set(m.high, c >= 0x80);
        set(m.lead, c >= 0xC0);
        set(m.lead3, c >= 0xE0);
        set(m.lead4, c >= 0xF0);
        set(m.cjk, c >= 0xE3 && c < 0xEE);
    }
    return m;
}

// A mask with what the block before it ended in.
class Track {
  public:
    // All masks of the result: the bytes whose n-th byte before has the bit.
    CCR_ALWAYS_INLINE std::uint64_t before(std::uint64_t now, unsigned n = 1) const {
        return now << n | last_ >> (64U - n);
    }
    CCR_ALWAYS_INLINE void keep(std::uint64_t now) { last_ = now; }

  private:
    std::uint64_t last_ = 0;
};

template <Masks (*masks_of)(const char* block)>
class Counter {
  public:
    void add_to(Features& counts) const {
        for (std::size_t i = 0; i < feature_count; ++i)
            counts[i] += counts_[i];
    }

    // `valid`: which of the 64 bytes are text.
    CCR_ALWAYS_INLINE void block(const char* bytes, std::uint64_t valid = ~std::uint64_t{0}) {
        Masks m = masks_of(bytes);
        if (m.backslash != 0 || escape_carry_ != 0) read_escapes(bytes, m);
        const std::uint64_t punctuation =
            valid & ~(m.letter | m.digit | m.space | m.newline | m.backslash | m.high | skipped_);
        words(m);
        numbers(m);
        runs(m, punctuation);
        wide(m);
        keep(m, punctuation);
    }

  private:
    CCR_ALWAYS_INLINE void add(Feature feature, std::uint64_t mask) {
        counts_[static_cast<std::size_t>(feature)] +=
            static_cast<std::uint64_t>(std::popcount(mask));
    }

    // After an escaping backslash, n and r are line ends, t is a space, u says nothing; quotes and
    // backslashes are punctuation. The backslash itself is no character.
    void read_escapes(const char* bytes, Masks& m) {
        skipped_ = 0;
        std::uint64_t escaped = escape_carry_;
        std::uint64_t rest = m.backslash & ~escaped;
        escape_carry_ = 0;
        while (rest != 0) {
            const auto at = static_cast<unsigned>(std::countr_zero(rest));
            rest &= rest - 1;
            if (at == 63) {
                escape_carry_ = 1;
                break;
            }
            const std::uint64_t next = std::uint64_t{2} << at;
            escaped |= next;
            rest &= ~next;
        }
        for (std::uint64_t left = escaped & (m.letter | m.backslash); left != 0; left &= left - 1) {
            const std::uint64_t bit = left & (~left + 1);
            const char c = bytes[std::countr_zero(left)];
            m.letter &= ~bit;
            if (c == 'n' || c == 'r') m.newline |= bit;
            if (c == 't') m.space |= bit;
            if (c == 'u') skipped_ |= bit;
            if (c == '\\') m.backslash &= ~bit;
        }
    }

    CCR_ALWAYS_INLINE void words(const Masks& m) {
        const std::uint64_t letters = m.letter;
        const std::uint64_t first = letters & ~letter_.before(letters);
        add(Feature::word, first);
        std::uint64_t run = letters & letter_.before(letters);
        const std::uint64_t four = run & two_.before(run, 2);
        const std::uint64_t eight = four & four_.before(four, 4);
        add(Feature::long_letter, eight & letter_.before(letters, 8));
        two_.keep(run);
        four_.keep(four);
        const std::uint64_t small = letters & m.bit5;
        add(Feature::hump, letters & ~m.bit5 & small_.before(small));
        small_.keep(small);
    }

    CCR_ALWAYS_INLINE void numbers(const Masks& m) {
        const std::uint64_t first = m.digit & ~digit_.before(m.digit);
        add(Feature::digit_run, first);
        add(Feature::digit, m.digit);
    }

    CCR_ALWAYS_INLINE void runs(const Masks& m, std::uint64_t punctuation) {
        add(Feature::punctuation_run, punctuation & ~punctuation_.before(punctuation));
        add(Feature::punctuation, punctuation);
        // Line ends spelt \n have a backslash between them.
        const std::uint64_t line = m.newline;
        add(Feature::newline_run, line & ~newline_.before(line) & ~newline_.before(line, 2));
        newline_.keep(line);
    }

    CCR_ALWAYS_INLINE void wide(const Masks& m) {
        if ((m.high | high_.before(0)) == 0) return;
        add(Feature::wide_run, m.high & ~high_.before(m.high));
        add(Feature::two_bytes, m.lead & ~m.lead3);
        add(Feature::cjk, m.cjk);
        add(Feature::three_bytes, m.lead3 & ~m.cjk & ~m.lead4);
        add(Feature::four_bytes, m.lead4);
    }

    CCR_ALWAYS_INLINE void keep(const Masks& m, std::uint64_t punctuation) {
        letter_.keep(m.letter);
        digit_.keep(m.digit);
        high_.keep(m.high);
        punctuation_.keep(punctuation);
        skipped_ = 0;
    }

    Features counts_{};
    Track letter_, two_, four_, small_, digit_, punctuation_, newline_, high_;
    std::uint64_t escape_carry_ = 0;
    std::uint64_t skipped_ = 0;
};

template <Masks (*masks_of)(const char* block)>
CCR_ALWAYS_INLINE void count_all(std::string_view text, Features& counts) {
    Counter<masks_of> counter;
    for (; text.size() >= block_size; text.remove_prefix(block_size))
        counter.block(text.data());
    if (!text.empty()) {
        std::array<char, block_size> rest{};
        std::memcpy(rest.data(), text.data(), text.size());
        counter.block(rest.data(), (std::uint64_t{1} << text.size()) - 1);
    }
    counter.add_to(counts);
}

#if defined(__x86_64__)
// Counting bits is half of the work; the instruction for it is newer than the baseline.
__attribute__((target("popcnt"))) void count_with_popcnt(std::string_view text, Features& counts) {
    count_all<vector_masks>(text, counts);
}
#endif

}  // namespace

void count_features_portably(std::string_view text, Features& counts) {
    count_all<portable_masks>(text, counts);
}

void count_features(std::string_view text, Features& counts) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt")) {
        count_with_popcnt(text, counts);
    } else {
        count_all<vector_masks>(text, counts);
    }
#else
    count_features_portably(text, counts);
#endif
}

}  // namespace ccr::tokens
