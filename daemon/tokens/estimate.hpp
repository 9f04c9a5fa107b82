// SPDX-License-Identifier: MIT
// How many tokens a request is, without a tokenizer: character classes counted at about two bytes
// per nanosecond, times weights. Pure and cheap enough for every request; learned.hpp makes it fit
// the model that is asked, bpe.hpp is exact.
//
// The weights were fitted against o200k_base over 288 files: C++, Python, JavaScript, Markdown,
// JSON, recorded requests, manuals in English, German, French, Russian and Chinese. Mean error per
// file 6 %; lists of identifiers and tables of characters are off by up to a quarter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/chat/request.hpp"

namespace ccr::tokens {

// The parts that one tokenizer does better at than another.
enum class Part : std::uint8_t { words, numbers, structure, cjk, other_scripts, framing };
constexpr std::size_t part_count = 6;

struct Estimate {
    std::array<double, part_count> parts{};  // in tokens
    double media = 0;                        // images and PDF pages, by their size

    [[nodiscard]] double total() const;
    // Rounded up.
    [[nodiscard]] std::int64_t tokens() const;
};

// System, messages, tools, media, and what a provider puts around them.
[[nodiscard]] Estimate estimate(const chat::Request& request);
// One text, given as a JSON-escaped slice.
[[nodiscard]] Estimate estimate_text(std::string_view escaped);

}  // namespace ccr::tokens
