// SPDX-License-Identifier: MIT
// Which vocabulary a provider's model is counted with.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/config/json5.hpp"

namespace ccr::tokens {

enum class Encoding : std::uint8_t { o200k_base, cl100k_base };
constexpr std::size_t encoding_count = 2;

// "o200k_base"; also the name of its file, without ".bin".
[[nodiscard]] std::string_view name_of(Encoding encoding);

// `tokenizer` is a provider's option of that name (null: none): {default: T, models: {MODEL: T}}
// with T = {type: "tiktoken", encoding}. Without any: o200k_base. A T without an encoding means
// cl100k_base, as in the Node version.
[[nodiscard]] Encoding encoding_for(const json5::Value& tokenizer, std::string_view model);

}  // namespace ccr::tokens
