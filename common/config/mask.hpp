// SPDX-License-Identifier: MIT
// Configuration for people's eyes: what the schema calls a secret becomes "***".
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/config/json5.hpp"

namespace ccr::config {

inline constexpr std::string_view masked = "***";

// Whether a text is nothing but a reference to a variable: ${NAME} or $NAME, without a default.
[[nodiscard]] bool only_reference(std::string_view text);

// Whether a free key's value is likely to be a secret, by the key's name.
[[nodiscard]] bool telling_name(std::string_view key);

// In place. Secrets by their rows, passwords and queries of URLs, and texts under telling names
// where the schema says nothing; references to variables stay.
void mask_secrets(json5::Value& root);

// The same with a text of the caller's choice for each secret, by its path: "Providers[0].api_key".
using SecretText = std::function<std::string(const std::string& path)>;
void replace_secrets(json5::Value& root, const SecretText& text);

}  // namespace ccr::config
