// SPDX-License-Identifier: MIT
#include "daemon/tokens/estimate.hpp"

#include <cmath>
#include <numeric>

#include "daemon/tokens/features.hpp"
#include "daemon/tokens/request_texts.hpp"

namespace ccr::tokens {
namespace {

// From here on only every other stripe is read: half the time, and the error of it is lost in that
// of the weights.
constexpr std::size_t sampled_from = std::size_t{32} << 10U;
constexpr std::size_t stripe = std::size_t{2} << 10U;

struct Weight {
    Feature feature;
    Part part;
    double tokens;
};
constexpr std::array<Weight, feature_count> weights{{
    {Feature::word, Part::words, 1.013},
    {Feature::long_letter, Part::words, 0.340},
    {Feature::hump, Part::words, 0.557},
    {Feature::digit_run, Part::numbers, 1.161},
    {Feature::digit, Part::numbers, 0.372},
    {Feature::punctuation_run, Part::structure, 0.576},
    {Feature::punctuation, Part::structure, 0.106},
    {Feature::newline_run, Part::structure, 1.258},
    {Feature::cjk, Part::cjk, 0.843},
    {Feature::three_bytes, Part::cjk, 0.349},
    {Feature::wide_run, Part::other_scripts, 0.231},
    {Feature::two_bytes, Part::other_scripts, 0.237},
    {Feature::four_bytes, Part::other_scripts, 1.683},
}};

void add(const Features& counts, double scale, Estimate& to) {
    for (const Weight& weight : weights) {
        const auto count = static_cast<double>(counts[static_cast<std::size_t>(weight.feature)]);
        to.parts[static_cast<std::size_t>(weight.part)] += scale * weight.tokens * count;
    }
}

class Estimator final : public TextSink {
  public:
    Estimate finish() {
        add(whole_, 1, estimate_);
        return estimate_;
    }

    void escaped(std::string_view text) override {
        if (text.size() < sampled_from) {
            count_features(text, whole_);
            return;
        }
        Features counts{};
        std::size_t read = 0;
        for (std::size_t at = 0; at < text.size(); at += 2 * stripe) {
            const auto part = text.substr(at, stripe);
            count_features(part, counts);
            read += part.size();
        }
        const double scale = static_cast<double>(text.size()) / static_cast<double>(read);
        add(counts, scale, estimate_);
    }
    void plain(std::string_view text) override { escaped(text); }
    void json(std::string_view raw) override { escaped(raw); }
    void tool(std::string_view name, std::string_view description) override {
        escaped(name);
        escaped(description);
    }
    void media(double tokens) override { estimate_.media += tokens; }
    void framing(double tokens) override {
        estimate_.parts[static_cast<std::size_t>(Part::framing)] += tokens;
    }

  private:
    Features whole_{};
    Estimate estimate_;
};

}  // namespace

double Estimate::total() const {
    return std::accumulate(parts.begin(), parts.end(), media);
}

std::int64_t Estimate::tokens() const {
    return static_cast<std::int64_t>(std::ceil(total()));
}

Estimate estimate(const chat::Request& request) {
    Estimator estimator;
    walk(request, estimator);
    return estimator.finish();
}

Estimate estimate_text(std::string_view escaped) {
    Estimator estimator;
    estimator.escaped(escaped);
    return estimator.finish();
}

}  // namespace ccr::tokens
