// SPDX-License-Identifier: MIT
// The error bodies of all providers, read into one shape. Private to classify.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/json.hpp"

namespace ccr::dialect {

struct ProviderError {
    std::string message;  // as sent
    std::string code;     // the provider's word or number; MiniMax's numbers as "minimax:1002"
    std::string type;
    int status = 0;                  // an HTTP status named in the body, else 0
    std::int64_t prompt_tokens = 0;  // llama.cpp says them apart from the text
    std::int64_t context_tokens = 0;
    bool html = false;

    // message, code and type in lower case, for looking things up.
    [[nodiscard]] std::string haystack() const;
};

[[nodiscard]] ProviderError read_provider_error(json::Value root);
// A body that is no JSON.
[[nodiscard]] ProviderError read_plain_error(std::string_view text);

}  // namespace ccr::dialect
