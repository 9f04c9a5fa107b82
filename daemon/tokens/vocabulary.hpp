// SPDX-License-Identifier: MIT
// One encoding's tokens and the Unicode classes its splitting needs, read in place from the bytes
// of data/tokens/NAME.bin (made by tools/make_ranks.mjs). Nothing is built at run time: the file is
// mapped, so its pages are shared, read when touched and given back under pressure.
//
// Layout, little-endian, after a header of 64 bytes:
//   slots    u32 each, open addressing by hash(token): 14 bits of the hash, 18 bits of rank
//   offsets  u32 each, count + 1 of them: where a rank's bytes begin
//   classes  u8 page number per 256 code points (0x1100 of them), then the pages of 256 classes
//   bytes    of all tokens, by rank
#pragma once

#include <cstdint>
#include <string_view>

#include "common/result.hpp"

namespace ccr::tokens {

using Rank = std::uint32_t;
constexpr Rank no_rank = 0xFFFFFFFF;

// How text is cut before byte pairs are merged; the number stands in the file.
enum class Pattern : std::uint8_t { cl100k = 1, o200k = 2 };

// Character classes; a code point may have several.
constexpr std::uint8_t among_capitals = 1;  // Lu Lt Lm Lo M
constexpr std::uint8_t among_small = 2;     // Ll Lm Lo M
constexpr std::uint8_t letter = 4;          // L
constexpr std::uint8_t number = 8;          // N
constexpr std::uint8_t space = 16;          // White_Space

class Vocabulary {
  public:
    // Borrows `file`, which must outlive it and start at an address that is a multiple of 4. A file
    // of another kind or a cut one is refused; a damaged one gives wrong counts, never a crash.
    [[nodiscard]] static Result<Vocabulary> open(std::string_view file);

    [[nodiscard]] Pattern pattern() const { return pattern_; }
    [[nodiscard]] Rank size() const { return count_; }
    // The token with exactly these bytes, or no_rank.
    [[nodiscard]] Rank find(std::string_view bytes) const;
    // Empty for a rank that there is not.
    [[nodiscard]] std::string_view bytes(Rank rank) const;
    [[nodiscard]] std::uint8_t classes(char32_t code) const {
        return code < 0x80 ? pages_[code] : wide_classes(code);
    }

  private:
    Vocabulary() = default;
    [[nodiscard]] std::uint8_t wide_classes(char32_t code) const;
    [[nodiscard]] bool every_byte_is_a_token() const;

    Pattern pattern_ = Pattern::o200k;
    std::uint32_t count_ = 0;
    std::uint32_t slot_count_ = 0;
    std::uint32_t page_count_ = 0;
    const std::uint32_t* slots_ = nullptr;
    const std::uint32_t* offsets_ = nullptr;
    const std::uint8_t* index_ = nullptr;
    const std::uint8_t* pages_ = nullptr;  // page 0 holds ASCII
    std::string_view bytes_;
};

}  // namespace ccr::tokens
