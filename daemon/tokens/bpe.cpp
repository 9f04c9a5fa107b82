// SPDX-License-Identifier: MIT
#include "daemon/tokens/bpe.hpp"

#include <algorithm>
#include <functional>

#include "daemon/tokens/pretokenize.hpp"

namespace ccr::tokens {
namespace {

// Up to this many bytes, looking through all pairs beats keeping a heap of them.
constexpr std::size_t short_piece = 96;

}  // namespace

std::string Encoder::decode(const std::vector<Rank>& ranks) const {
    std::string text;
    for (const Rank rank : ranks)
        text += vocabulary_.bytes(rank);
    return text;
}

std::size_t Encoder::encode(std::string_view text, std::vector<Rank>* out) {
    std::size_t count = 0;
    Pretokenizer pieces(vocabulary_, text);
    for (auto bytes = pieces.next(); !bytes.empty(); bytes = pieces.next()) {
        const Rank whole = vocabulary_.find(bytes);
        if (whole != no_rank) {
            ++count;
            if (out != nullptr) out->push_back(whole);
            continue;
        }
        for (; bytes.size() > max_piece; bytes.remove_prefix(max_piece))
            count += piece(bytes.substr(0, max_piece), out);
        count += piece(bytes, out);
    }
    return count;
}

std::size_t Encoder::piece(std::string_view bytes, std::vector<Rank>* out) {
    start_parts(bytes);
    if (bytes.size() <= short_piece) {
        merge_short(bytes);
    } else {
        merge_long(bytes);
    }
    const std::size_t count = parts_.size() - 1;
    if (out == nullptr) return count;
    for (std::size_t i = 0; i < count; ++i) {
        const auto begin = parts_[i].begin;
        out->push_back(vocabulary_.find(bytes.substr(begin, parts_[i + 1].begin - begin)));
    }
    return count;
}

void Encoder::start_parts(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    parts_.resize(bytes.size() + 1);
    for (std::uint32_t i = 0; i <= size; ++i) {
        const Rank pair = i + 1 < size ? vocabulary_.find(bytes.substr(i, 2)) : no_rank;
        parts_[i] = Part{i, i + 1, i - 1, pair};
    }
}

void Encoder::merge_short(std::string_view bytes) {
    const auto rank_of = [&](std::size_t i) {
        if (i + 2 >= parts_.size()) return no_rank;
        const auto begin = parts_[i].begin;
        return vocabulary_.find(bytes.substr(begin, parts_[i + 2].begin - begin));
    };
    for (;;) {
        // The first of the lowest, as the leftmost of equal pairs goes first.
        const auto lowest =
            std::min_element(parts_.begin(), parts_.end(),
                             [](const Part& a, const Part& b) { return a.pair < b.pair; });
        if (lowest->pair == no_rank) return;
        const auto i = static_cast<std::size_t>(lowest - parts_.begin());
        parts_.erase(lowest + 1);
        parts_[i].pair = rank_of(i);
        if (i > 0) parts_[i - 1].pair = rank_of(i - 1);
    }
}

void Encoder::merge_long(std::string_view bytes) {
    heap_.clear();
    for (std::uint32_t i = 0; i < bytes.size(); ++i) {
        if (parts_[i].pair != no_rank) heap_.push_back(std::uint64_t{parts_[i].pair} << 32U | i);
    }
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
    while (!heap_.empty()) {
        std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
        const std::uint64_t lowest = heap_.back();
        heap_.pop_back();
        const auto at = static_cast<std::uint32_t>(lowest);
        // A pair that has changed since has another rank: its bytes are others.
        if (parts_[at].pair == lowest >> 32U) join(bytes, at);
    }
    std::size_t kept = 0;
    for (std::uint32_t i = 0; i < bytes.size(); i = parts_[i].next)
        parts_[kept++].begin = parts_[i].begin;
    parts_[kept++].begin = static_cast<std::uint32_t>(bytes.size());
    parts_.resize(kept);
}

void Encoder::join(std::string_view bytes, std::uint32_t at) {
    Part& part = parts_[at];
    parts_[part.next].pair = no_rank;  // gone: whatever the heap still says of it is stale
    part.next = parts_[part.next].next;
    parts_[part.next].before = at;
    rank_pair(bytes, at);
    if (at > 0) rank_pair(bytes, part.before);
}

void Encoder::rank_pair(std::string_view bytes, std::uint32_t at) {
    Part& part = parts_[at];
    part.pair = no_rank;
    if (part.next >= bytes.size()) return;
    part.pair = vocabulary_.find(bytes.substr(at, parts_[part.next].next - at));
    if (part.pair == no_rank) return;
    heap_.push_back(std::uint64_t{part.pair} << 32U | at);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

}  // namespace ccr::tokens
