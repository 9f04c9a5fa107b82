// SPDX-License-Identifier: MIT
#include "daemon/tokens/learned.hpp"

#include <algorithm>
#include <cmath>

namespace ccr::tokens {
namespace {

// A factor is taken to be 1 ± 0.3 before anything is known; one request says what it says to ±10 %.
constexpr double first_doubt = 0.1;
constexpr double noise = 0.01;
// Doubt that comes back with each request, so that what was learned long ago gives way.
constexpr double drift = 0.0002;
constexpr double least_factor = 0.25;
constexpr double most_factor = 4;
// Smaller ones say little: rounding and framing outweigh the text.
constexpr std::int64_t least_reported = 50;
// A provider that counts only part (what it did not have in its cache), or something else.
constexpr double most_apart = 3;

}  // namespace

std::int64_t Learned::tokens(std::string_view model, const Estimate& estimate) {
    const std::lock_guard lock(mutex_);
    const Model* known = find(model);
    if (known == nullptr) return estimate.tokens();
    double tokens = estimate.media;
    for (std::size_t i = 0; i < part_count; ++i)
        tokens += known->factors[i] * estimate.parts[i];
    return static_cast<std::int64_t>(std::ceil(tokens));
}

void Learned::learn(std::string_view model, const Estimate& estimate, std::int64_t reported) {
    const double text = static_cast<double>(reported) - estimate.media;
    const double expected = estimate.total() - estimate.media;
    if (reported < least_reported || text * most_apart < expected || expected * most_apart < text) {
        return;
    }
    // Shares of the reported count, so that a long request teaches no more than a short one.
    Row share{};
    for (std::size_t i = 0; i < part_count; ++i)
        share[i] = estimate.parts[i] / text;
    const std::lock_guard lock(mutex_);
    Model* known = find(model);
    update(known != nullptr ? *known : make(model), share, 1);
}

// One step of a Kalman filter whose state are the factors and whose measurement is share · factors.
void Learned::update(Model& model, const Row& share, double wanted) {
    Row reach{};  // doubt · share
    double spread = noise;
    double predicted = 0;
    for (std::size_t i = 0; i < part_count; ++i) {
        double& own = model.doubt[i][i];
        own = std::min(first_doubt, own + drift);
        for (std::size_t k = 0; k < part_count; ++k)
            reach[i] += model.doubt[i][k] * share[k];
        spread += share[i] * reach[i];
        predicted += share[i] * model.factors[i];
    }
    for (std::size_t i = 0; i < part_count; ++i) {
        const double moved = model.factors[i] + reach[i] / spread * (wanted - predicted);
        model.factors[i] = std::clamp(moved, least_factor, most_factor);
        for (std::size_t k = 0; k < part_count; ++k)
            model.doubt[i][k] -= reach[i] * reach[k] / spread;
    }
}

Learned::Model* Learned::find(std::string_view model) {
    const auto found = models_.find(model);
    if (found == models_.end()) return nullptr;
    by_age_.splice(by_age_.end(), by_age_, found->second.age);
    return &found->second;
}

Learned::Model& Learned::make(std::string_view model) {
    if (models_.size() >= max_models) {
        models_.erase(by_age_.front());
        by_age_.pop_front();
    }
    by_age_.emplace_back(model);
    Model& made = models_[std::string(model)];
    made.factors.fill(1);
    for (std::size_t i = 0; i < part_count; ++i)
        made.doubt[i][i] = first_doubt;
    made.age = std::prev(by_age_.end());
    return made;
}

std::size_t Learned::models() const {
    const std::lock_guard lock(mutex_);
    return models_.size();
}

}  // namespace ccr::tokens
