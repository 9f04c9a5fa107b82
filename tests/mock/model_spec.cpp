// SPDX-License-Identifier: MIT
#include "tests/mock/model_spec.hpp"

#include <algorithm>
#include <charconv>

#include "tests/mock/http_in.hpp"

namespace ccr::mock {

ModelSpec::ModelSpec(std::string_view model) : full(model) {
    const auto colon = model.find(':');
    auto head = model.substr(0, colon);
    const auto prefix = head.find_last_of("/,");
    if (prefix != std::string_view::npos) head.remove_prefix(prefix + 1);
    name = head;
    auto rest = colon == std::string_view::npos ? std::string_view() : model.substr(colon + 1);
    while (!rest.empty()) {
        const auto end = rest.find(';');
        const auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const auto equals = pair.find('=');
        const auto value =
            equals == std::string_view::npos ? std::string_view("1") : pair.substr(equals + 1);
        if (!pair.empty()) values.emplace_back(pair.substr(0, equals), percent_decode(value));
    }
}

const std::string* ModelSpec::lookup(std::string_view key) const {
    for (const auto& [name_of, value] : values)
        if (name_of == key) return &value;
    return nullptr;
}

std::string ModelSpec::text(std::string_view key, std::string_view otherwise) const {
    const auto* value = lookup(key);
    return value == nullptr ? std::string(otherwise) : *value;
}

std::int64_t ModelSpec::number(std::string_view key, std::int64_t otherwise) const {
    const auto* value = lookup(key);
    if (value == nullptr) return otherwise;
    std::int64_t out = 0;
    const auto result = std::from_chars(value->data(), value->data() + value->size(), out);
    return result.ec == std::errc() ? out : otherwise;
}

std::uint32_t ModelSpec::millis(std::string_view key, std::uint32_t otherwise) const {
    constexpr std::int64_t hour = 3'600'000;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number(key, otherwise), 0, hour));
}

}  // namespace ccr::mock
