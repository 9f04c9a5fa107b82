// SPDX-License-Identifier: MIT
#include "daemon/dialect/gemini_grounding.hpp"

#include <algorithm>

namespace ccr::dialect::gemini {
namespace {

constexpr std::size_t max_text = std::size_t{256} << 10U;  // what is behind has no positions

std::uint64_t count(std::string_view text) {
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), begins));
}

// Where the part begins, in bytes. Its own words decide: the offset is one in a part of the
// content, which is not always the whole text.
std::size_t begin_of(json::Value segment, std::string_view words, std::string_view whole) {
    const auto told = static_cast<std::size_t>(
        std::max<std::int64_t>(0, segment["startIndex"].integer().value_or(0)));
    if (told <= whole.size() && whole.substr(told).starts_with(words)) return told;
    return whole.find(words);
}

}  // namespace

void Grounding::text(chat::Escaped piece) {
    if (text_.size() < max_text) text_ += piece.bytes;
}

void Grounding::read(json::Value metadata) {
    if (!metadata.is_object()) return;
    for (const json::Value query : metadata["webSearchQueries"].elements())
        notes_.query({query.escaped()});
    const json::Value chunks = metadata["groundingChunks"];
    for (const json::Value chunk : chunks.elements())
        notes_.page({chunk["web"]["uri"].escaped()}, {chunk["web"]["title"].escaped()});
    const json::Value supports = metadata["groundingSupports"];
    if (supports.size() == 0) return;
    const std::string whole = json::unescape(text_);
    std::size_t left = max_citations;
    for (const json::Value support : supports.elements()) {
        if (left-- == 0) return;
        read_support(support, chunks, whole);
    }
}

void Grounding::read_support(json::Value support, json::Value chunks, std::string_view whole) {
    const std::string_view words = support["segment"]["text"].str();
    const std::size_t begin =
        words.empty() ? std::string_view::npos : begin_of(support["segment"], words, whole);
    chat::Cited cited;
    if (begin != std::string_view::npos) {
        cited.from = count(whole.substr(0, begin));
        cited.to = cited.from + count(words);
    }
    for (const json::Value index : support["groundingChunkIndices"].elements()) {
        const std::int64_t number = index.integer().value_or(-1);
        if (number < 0 || static_cast<std::size_t>(number) >= chunks.size()) continue;
        const json::Value web = chunks.at(static_cast<std::size_t>(number))["web"];
        cited.url = {web["uri"].escaped()};
        cited.title = {web["title"].escaped()};
        notes_.cite(cited);
    }
}

}  // namespace ccr::dialect::gemini
