// SPDX-License-Identifier: MIT
// Variables in strings of the configuration.
#include <optional>
#include <string>

#include "common/config/interpolate.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    const std::string_view text = fuzz::as_text(data, size);
    const auto nothing = config::expand(
        text, [](std::string_view) -> std::optional<std::string> { return std::nullopt; });
    fuzz::check(nothing.used_variable || nothing.text == text, "without a variable as it stands");
    fuzz::check(nothing.used_variable || nothing.undefined.empty(), "undefined are references");
    // A value is not looked into, whatever it holds.
    const auto known = config::expand(
        text, [](std::string_view) -> std::optional<std::string> { return "${A}$B"; });
    fuzz::check(known.undefined.empty(), "all are defined");
    fuzz::check(known.used_variable == nothing.used_variable, "the same references");
    return 0;
}
