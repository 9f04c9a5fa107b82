// SPDX-License-Identifier: MIT
// What tokens cost: the prices a configuration states (`pricing`), in one form whatever they are
// spelt like. Included by model.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/json5.hpp"

namespace ccr::config {

struct Config;
struct Provider;
class Problems;

// USD per million tokens of one class. What is absent costs as much as the class it belongs to:
// tokens from or to a cache as input, reasoning as output.
struct Rates {
    double input = 0;
    double output = 0;
    std::optional<double> cache_read;
    std::optional<double> cache_write;
    std::optional<double> reasoning;

    friend bool operator==(const Rates&, const Rates&) = default;
};

struct Price {
    // Long prompts cost more: these rates are for requests of more than so many input tokens, of
    // all classes, in rising order.
    struct Step {
        std::int64_t over = 0;
        Rates rates;
        friend bool operator==(const Step&, const Step&) = default;
    };

    Rates rates;
    std::vector<Step> steps = {};

    [[nodiscard]] const Rates& at(std::int64_t input_tokens) const;
    friend bool operator==(const Price&, const Price&) = default;
};

// One statement of a config. Empty: any. Names compare without case.
struct PriceRule {
    std::string provider;
    std::string model;
    Price price;
};

// The price that the config states for a target; the more specific statement wins. Null: none.
[[nodiscard]] const Price* find_price(const Config& config, const Provider& provider,
                                      std::string_view model);

// A number for each class of tokens under one of the names that are in use ("input",
// "cacheRead", "input_per_million_tokens" …). What cannot be read is reported at its place.
[[nodiscard]] std::optional<Price> read_price(const json5::Value& value, const std::string& path,
                                              Problems& problems);

}  // namespace ccr::config
