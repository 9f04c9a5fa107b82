// SPDX-License-Identifier: MIT
// What providers' own counts teach about their models' tokenizers: for each model a factor per part
// of an estimate (words, numbers, Chinese …), kept by recursive least squares. A model that was
// never seen has all factors 1.
//
// Safe from any thread; each call holds the lock for well under a microsecond. Deterministic: the
// same calls give the same factors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/tokens/estimate.hpp"

namespace ccr::tokens {

class Learned {
  public:
    static constexpr std::size_t max_models = 256;  // the one not used for longest goes first

    // `model` names provider and model ("provider,model"), or any other key of the caller's.
    [[nodiscard]] std::int64_t tokens(std::string_view model, const Estimate& estimate);
    // A request estimated as `estimate` was `reported` tokens to its provider, those from its cache
    // included. Counts that cannot be of the same text are left out.
    void learn(std::string_view model, const Estimate& estimate, std::int64_t reported);
    [[nodiscard]] std::size_t models() const;

  private:
    using Row = std::array<double, part_count>;
    struct Model {
        Row factors{};
        std::array<Row, part_count> doubt{};  // covariance of the factors
        std::list<std::string>::iterator age;
    };

    Model* find(std::string_view model);
    Model& make(std::string_view model);
    static void update(Model& model, const Row& share, double wanted);

    mutable std::mutex mutex_;
    std::map<std::string, Model, std::less<>> models_;
    std::list<std::string> by_age_;  // least recently used first
};

}  // namespace ccr::tokens
