// SPDX-License-Identifier: MIT
#include "daemon/transform/options.hpp"

#include <charconv>
#include <cmath>

#include "common/text.hpp"

namespace ccr::transform {

std::optional<double> number_option(const Options& options, std::string_view name) {
    const Options* value = options.find(name);
    if (value == nullptr) return std::nullopt;
    double number = value->number;
    if (value->is_string()) {
        const std::string_view text = trim(value->text);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    } else if (!value->is(json5::Type::number)) {
        return std::nullopt;
    }
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

std::string raw_number_option(const Options& options, std::string_view name) {
    const auto number = number_option(options, name);
    if (!number) return {};
    const Options& value = *options.find(name);
    if (value.is(json5::Type::number)) return json5::to_json(value);
    Options converted;
    converted.type = json5::Type::number;
    converted.number = *number;
    return json5::to_json(converted);
}

bool switch_option(const Options& options, std::string_view name, bool otherwise) {
    const Options* value = options.find(name);
    if (value == nullptr) return otherwise;
    if (value->is_string()) return iequals(trim(value->text), "true");
    return value->is(json5::Type::boolean) ? value->boolean : otherwise;
}

std::string_view word_option(const Options& options, std::string_view name) {
    const Options* value = options.find(name);
    return value != nullptr && value->is_string() ? std::string_view(value->text)
                                                  : std::string_view();
}

}  // namespace ccr::transform
