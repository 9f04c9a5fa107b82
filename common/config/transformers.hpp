// SPDX-License-Identifier: MIT
// Every transformer name that a configuration may use, with the options it takes: one table for the
// loader, its messages and the manual. What a transformer does is daemon/transform's; a test there
// keeps its registry and this table the same.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ccr::config {

enum class OptionKind : std::uint8_t {
    boolean,
    count,    // whole number from 1 to 1e9
    number,   // any finite number
    string,   // one of `values` where that is not empty
    strings,  // array of strings, or one string
    anything,
};

struct TransformerOption {
    std::string_view name;
    OptionKind kind = OptionKind::anything;
    bool required = false;
    std::string_view values = {};  // allowed words, separated by spaces
};

// What naming it for a whole provider says about the provider's protocol.
enum class Speaks : std::uint8_t {
    nothing,
    openai,
    anthropic,
    openai_responses,
    gemini,
    vertex,  // Google Vertex AI in one of its three forms
};

struct TransformerSpec {
    std::string_view name;  // lower case; names compare without case
    Speaks speaks = Speaks::nothing;
    bool free_options = false;  // takes any option besides the listed ones
    std::span<const TransformerOption> options = {};
};

[[nodiscard]] std::span<const TransformerSpec> transformer_specs();
// nullptr: no such transformer.
[[nodiscard]] const TransformerSpec* find_transformer(std::string_view name);

}  // namespace ccr::config
