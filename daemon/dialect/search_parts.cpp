// SPDX-License-Identifier: MIT
#include "daemon/dialect/search_parts.hpp"

#include <algorithm>

namespace ccr::dialect {

KeptSearch::KeptSearch(const chat::Searched& search)
    : id_(search.id), query_(search.query.bytes), failure_(search.failure) {
    const std::size_t count = std::min(search.hits.size(), max_search_hits);
    hits_.reserve(count);
    for (const chat::SearchHit& hit : search.hits.first(count)) {
        hits_.push_back({std::string(hit.url.bytes), std::string(hit.title.bytes),
                         std::string(hit.age.bytes), std::string(hit.opaque)});
    }
}

std::size_t KeptSearch::size() const {
    std::size_t bytes = id_.size() + query_.size() + failure_.size();
    for (const Hit& hit : hits_)
        bytes += hit.url.size() + hit.title.size() + hit.age.size() + hit.opaque.size();
    return bytes;
}

KeptCitation::KeptCitation(const chat::Cited& cited)
    : url_(cited.url.bytes),
      title_(cited.title.bytes),
      quote_(cited.quote.bytes),
      opaque_(cited.opaque),
      json_(cited.json),
      from_(cited.from),
      to_(cited.to) {}

std::uint64_t characters(chat::Escaped text) {
    constexpr std::size_t escape_length = 6;  // of \u0000
    std::uint64_t count = 0;
    const std::string_view bytes = text.bytes;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const auto byte = static_cast<unsigned char>(bytes[at]);
        if ((byte & 0xC0U) == 0x80U) continue;  // inside of a character
        ++count;
        if (byte != '\\') continue;
        ++at;
        if (at >= bytes.size() || bytes[at] != 'u') continue;
        // The second half of a pair of surrogates is no character of its own.
        const std::string_view code = bytes.substr(at - 1, escape_length);
        const bool second = code.size() > 3 && (code[2] == 'd' || code[2] == 'D') &&
                            std::string_view("cdefCDEF").find(code[3]) != std::string_view::npos;
        if (second) --count;
        at += escape_length - 2;
    }
    return count;
}

}  // namespace ccr::dialect
