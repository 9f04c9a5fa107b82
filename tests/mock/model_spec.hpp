// SPDX-License-Identifier: MIT
// A model name that says how to answer: NAME or NAME:key=value;key=value. Values are
// percent-decoded, so that a text may hold any character. A prefix up to a '/' or ',' is ignored
// ("mock,mock-echo"), because routers may leave the provider's name in front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccr::mock {

struct ModelSpec {
    std::string full;  // as the request named it
    std::string name;  // "mock-echo"
    std::vector<std::pair<std::string, std::string>> values;

    explicit ModelSpec(std::string_view model);

    [[nodiscard]] bool has(std::string_view key) const { return lookup(key) != nullptr; }
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = {}) const;
    [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t otherwise) const;
    // For waits: never negative, at most an hour.
    [[nodiscard]] std::uint32_t millis(std::string_view key, std::uint32_t otherwise) const;

  private:
    [[nodiscard]] const std::string* lookup(std::string_view key) const;
};

}  // namespace ccr::mock
