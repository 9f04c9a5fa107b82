// SPDX-License-Identifier: MIT
// Exact tokens of a text: byte-pair encoding as tiktoken does it. What looks like a special token
// ("<|endoftext|>") is plain text here, as it is to a provider that gets it inside a message.
//
// Time grows with n log n of a piece's length, memory with the length of the longest piece: at most
// about 40 bytes times max_piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/tokens/vocabulary.hpp"

namespace ccr::tokens {

// A piece (one unbroken run, such as 300 kB of the same letter) that is longer is encoded in parts,
// which can make its count differ by a token or two for each.
constexpr std::size_t max_piece = std::size_t{256} << 10U;

// One text after the other; keeps its scratch memory. Not thread-safe; the vocabulary may be
// shared.
class Encoder {
  public:
    explicit Encoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

    [[nodiscard]] std::size_t count(std::string_view text) { return encode(text, nullptr); }
    // Appends the ranks.
    void encode(std::string_view text, std::vector<Rank>& out) { encode(text, &out); }
    // What the ranks stand for.
    [[nodiscard]] std::string decode(const std::vector<Rank>& ranks) const;

  private:
    struct Part {
        std::uint32_t begin = 0;
        std::uint32_t next = 0;  // merge_long: index of the part after
        std::uint32_t before = 0;
        Rank pair = no_rank;  // rank of this part joined with the next
    };

    std::size_t encode(std::string_view text, std::vector<Rank>* out);
    std::size_t piece(std::string_view bytes, std::vector<Rank>* out);
    void start_parts(std::string_view bytes);
    // Both leave in parts_ the final parts in order, and after them one that stands at the end.
    void merge_short(std::string_view bytes);
    void merge_long(std::string_view bytes);
    void join(std::string_view bytes, std::uint32_t at);
    void rank_pair(std::string_view bytes, std::uint32_t at);

    const Vocabulary& vocabulary_;
    std::vector<Part> parts_;
    std::vector<std::uint64_t> heap_;  // pair's rank, then where: the lowest is merged first
};

}  // namespace ccr::tokens
