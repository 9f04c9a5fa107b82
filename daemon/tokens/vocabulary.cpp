// SPDX-License-Identifier: MIT
#include "daemon/tokens/vocabulary.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace ccr::tokens {
namespace {

constexpr std::size_t header_size = 64;
constexpr std::string_view magic = "CCRBPE1\n";
constexpr std::size_t index_size = 0x1100;
constexpr std::size_t page_size = 256;
constexpr std::uint32_t empty_slot = 0xFFFFFFFF;
constexpr unsigned rank_bits = 18;
constexpr std::uint32_t rank_mask = (1U << rank_bits) - 1;

std::uint64_t load(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
}

// Up to eight bytes as one little-endian word, without a loop or a call: the pieces overlap where
// there are fewer, and agree where they do.
std::uint64_t word_of(const char* bytes, std::size_t count) {
    if (count >= 8) return load(bytes, 8);
    if (count >= 4) {
        return load(bytes, 4) | load(bytes + count - 4, 4) << (8 * (count - 4));
    }
    const std::size_t middle = count / 2;
    return load(bytes, 1) | load(bytes + middle, 1) << (8 * middle) |
           load(bytes + count - 1, 1) << (8 * (count - 1));
}

// The same as in tools/make_ranks.mjs.
std::uint64_t hash(std::string_view bytes) {
    std::uint64_t h = bytes.size() * 0x9E3779B97F4A7C15U;
    while (!bytes.empty()) {
        const std::size_t count = bytes.size() < 8 ? bytes.size() : 8;
        h = (h ^ word_of(bytes.data(), count)) * 0xD6E8FEB86659FD93U;
        h ^= h >> 32U;
        bytes.remove_prefix(count);
    }
    return h;
}

template <typename T>
const T* take(std::string_view& rest, std::size_t count) {
    const std::size_t size = count * sizeof(T);
    if (rest.size() < size) return nullptr;
    // The header and all sections before the bytes keep the alignment of 4 that open() asks for.
    const auto* section = static_cast<const T*>(static_cast<const void*>(rest.data()));
    rest.remove_prefix(size);
    return section;
}

Error damaged(std::string_view what) {
    return Error(ErrorKind::config, "token ranks: " + std::string(what));
}

}  // namespace

Result<Vocabulary> Vocabulary::open(std::string_view file) {
    if constexpr (std::endian::native != std::endian::little) {
        return damaged("the file's byte order is not this machine's");
    }
    if (file.size() < header_size || !file.starts_with(magic)) return damaged("not such a file");
    std::array<std::uint32_t, 5> fields{};
    std::memcpy(fields.data(), file.data() + magic.size(), sizeof fields);
    const auto [pattern, count, slots, size, pages] = fields;
    if (pattern != 1 && pattern != 2) return damaged("unknown pattern");
    if (count == 0 || count >= rank_mask || slots <= count || pages == 0 || pages > page_size) {
        return damaged("sizes out of range");
    }
    Vocabulary made;
    made.pattern_ = pattern == 1 ? Pattern::cl100k : Pattern::o200k;
    made.count_ = count;
    made.slot_count_ = slots;
    made.page_count_ = pages;
    std::string_view rest = file.substr(header_size);
    made.slots_ = take<std::uint32_t>(rest, slots);
    made.offsets_ = take<std::uint32_t>(rest, std::size_t{count} + 1);
    made.index_ = take<std::uint8_t>(rest, index_size);
    made.pages_ = take<std::uint8_t>(rest, pages * page_size);
    made.bytes_ = rest;
    if (made.pages_ == nullptr || rest.size() != size) return damaged("not of the size it says");
    if (!made.every_byte_is_a_token()) return damaged("a byte is missing");
    return made;
}

bool Vocabulary::every_byte_is_a_token() const {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        if (find({&c, 1}) == no_rank) return false;
    }
    return true;
}

Rank Vocabulary::find(std::string_view token) const {
    const std::uint64_t h = hash(token);
    const auto tag = static_cast<std::uint32_t>(h >> 50U);
    auto at = static_cast<std::uint32_t>(((h & 0xFFFFFFFFU) * slot_count_) >> 32U);
    for (std::uint32_t probes = 0; probes < slot_count_; ++probes) {
        const std::uint32_t slot = slots_[at];
        if (slot == empty_slot) return no_rank;
        if (slot >> rank_bits == tag && bytes(slot & rank_mask) == token) return slot & rank_mask;
        at = at + 1 == slot_count_ ? 0 : at + 1;
    }
    return no_rank;
}

std::string_view Vocabulary::bytes(Rank rank) const {
    if (rank >= count_) return {};
    const std::uint32_t begin = offsets_[rank];
    const std::uint32_t end = offsets_[rank + 1];
    if (begin > end || end > bytes_.size()) return {};
    return {bytes_.data() + begin, end - begin};
}

std::uint8_t Vocabulary::wide_classes(char32_t code) const {
    if (code >= index_size * page_size) return 0;
    const std::size_t page = index_[code / page_size];
    return page < page_count_ ? pages_[page * page_size + code % page_size] : std::uint8_t{0};
}

}  // namespace ccr::tokens
