// SPDX-License-Identifier: MIT
// Reading options. A number or a switch may also be given as a string, since that is what ${NAME}
// yields. What has been checked at load is not checked again: nonsense reads as absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/transform/transform.hpp"

namespace ccr::transform {

[[nodiscard]] std::optional<double> number_option(const Options& options, std::string_view name);
// The same as a JSON number, as it was written where that is one; empty if absent.
[[nodiscard]] std::string raw_number_option(const Options& options, std::string_view name);
[[nodiscard]] bool switch_option(const Options& options, std::string_view name, bool otherwise);
[[nodiscard]] std::string_view word_option(const Options& options, std::string_view name);

}  // namespace ccr::transform
