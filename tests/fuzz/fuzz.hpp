// SPDX-License-Identifier: MIT
// What the fuzzers share. Each defines LLVMFuzzerTestOneInput; beside not crashing it checks that
// what must hold of any input holds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/dialect/envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ccr::fuzz {

inline void check(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr, "violated: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// The last byte steers (where to cut, which profile), so that a file of tests/data is a seed as it
// is; the rest is the input.
struct Steered {
    std::uint8_t steer = 0;
    std::string_view input;
};

inline Steered steered(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return {};
    return {data[size - 1], as_text(data, size - 1)};
}

// Calls use(piece) for the input in pieces, cut where `steer` leads to: of 1 byte, of 1 or 2, ...
// of 1 to 128.
template <typename Use>
void in_pieces(const Steered& input, const Use& use) {
    const std::size_t longest = std::size_t{1} << (input.steer & 7U);
    std::uint32_t state = input.steer;
    std::size_t length = 1;
    for (std::size_t at = 0; at < input.input.size(); at += length) {
        state = state * 1664525U + 1013904223U;
        length = (state >> 16U) % longest + 1;
        use(input.input.substr(at, length));
    }
}

// A client's request as in tests/data/dialect/request: without the line `// profile model` in front
// of it, and `@seal:family:payload@` is a signature that we made with `key`.
inline std::string plain_request(std::string_view text, std::string_view key) {
    constexpr std::string_view mark = "@seal:";
    if (text.starts_with("//")) text.remove_prefix(std::min(text.find('\n'), text.size()));
    std::string out;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
        const auto family_end = text.find(':', at + mark.size());
        const auto end =
            family_end == std::string_view::npos ? family_end : text.find('@', family_end);
        if (end == std::string_view::npos) break;
        const auto begin = at + mark.size();
        out.append(text.substr(0, at));
        out.append(dialect::seal(key, text.substr(begin, family_end - begin),
                                 text.substr(family_end + 1, end - family_end - 1)));
        text.remove_prefix(end + 1);
    }
    return out.append(text);
}

}  // namespace ccr::fuzz
