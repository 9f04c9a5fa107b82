// SPDX-License-Identifier: MIT
// What the fuzzers share. Each defines LLVMFuzzerTestOneInput; beside not crashing it checks that
// what must hold of any input holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

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

// The first byte steers (where to cut, which profile), the rest is the input.
struct Steered {
    std::uint8_t steer = 0;
    std::string_view input;
};

inline Steered steered(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return {};
    return {data[0], as_text(data + 1, size - 1)};
}

// Calls use(piece) for the input in pieces of 1, 2, … `steer` % 16 + 1 bytes, over and over.
template <typename Use>
void in_pieces(const Steered& input, const Use& use) {
    const std::size_t longest = input.steer % 16U + 1U;
    std::size_t length = 1;
    for (std::size_t at = 0; at < input.input.size(); at += length) {
        length = length % longest + 1;
        use(input.input.substr(at, length));
    }
}

}  // namespace ccr::fuzz
