// SPDX-License-Identifier: MIT
// Token counts of one reply in Anthropic's terms: the three input classes are disjoint.
#pragma once

#include <cstdint>
#include <optional>

namespace ccr::chat {

struct Usage {
    std::int64_t input_tokens = 0;  // neither read from nor written to the cache
    std::int64_t output_tokens = 0;
    std::optional<std::int64_t> cache_read_tokens;  // absent: the provider does not say
    std::optional<std::int64_t> cache_creation_tokens;
    std::optional<std::int64_t> thinking_tokens;  // part of output_tokens
    std::int64_t web_searches = 0;                // that were made for this reply
    std::optional<double> cost_usd;               // what the provider bills, if it says so
    bool estimated = false;                       // ours, because the provider reported nothing

    friend bool operator==(const Usage&, const Usage&) = default;
};

}  // namespace ccr::chat
