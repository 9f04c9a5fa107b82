// SPDX-License-Identifier: MIT
// Collects what is wrong with a config while it is being loaded. Internal to common/config.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/load.hpp"

namespace ccr::config {

class Problems {
  public:
    explicit Problems(std::string file) : file_(std::move(file)) {}

    void error(json5::Position at, std::string path, std::string message,
               std::string suggestion = {}) {
        add(Severity::error, at, std::move(path), std::move(message), std::move(suggestion));
    }
    void warning(json5::Position at, std::string path, std::string message,
                 std::string suggestion = {}) {
        add(Severity::warning, at, std::move(path), std::move(message), std::move(suggestion));
    }

    [[nodiscard]] bool any_error() const {
        return std::any_of(list_.begin(), list_.end(), [](const Problem& problem) {
            return problem.severity == Severity::error;
        });
    }

    // Whether the value at this place has been complained about already.
    [[nodiscard]] bool error_at(json5::Position at) const {
        return std::any_of(list_.begin(), list_.end(), [at](const Problem& problem) {
            return problem.severity == Severity::error && problem.line == at.line &&
                   problem.column == at.column;
        });
    }

    // In file order.
    [[nodiscard]] std::vector<Problem> take() {
        std::stable_sort(list_.begin(), list_.end(), [](const Problem& a, const Problem& b) {
            return std::pair(a.line, a.column) < std::pair(b.line, b.column);
        });
        return std::move(list_);
    }

  private:
    void add(Severity severity, json5::Position at, std::string path, std::string message,
             std::string suggestion) {
        list_.push_back({severity, file_, at.line, at.column, std::move(path), std::move(message),
                         std::move(suggestion)});
    }

    std::string file_;
    std::vector<Problem> list_;
};

// The candidate that a misspelt word most likely means, or "" when none is near.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string_view>& candidates);

}  // namespace ccr::config
