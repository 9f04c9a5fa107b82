// SPDX-License-Identifier: MIT
// The vendors' list prices: a dated file that comes with the package (data/prices.json), and what
// one request costs. Pure; the file's text is handed in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/pricing.hpp"
#include "common/result.hpp"
#include "daemon/chat/usage.hpp"

namespace ccr::stats {

using Price = config::Price;

class PriceList {
  public:
    // ErrorKind::malformed names what is wrong with the text.
    [[nodiscard]] static Result<PriceList> parse(std::string_view text);

    // The price of a model at a provider that is the vendor's own: by its name in the
    // configuration, or by its host. A resold or self-hosted model has another price, which nobody
    // knows. A date behind the model's name ("-20250929", "-2025-08-07") does not matter.
    [[nodiscard]] const Price* find(std::string_view provider, std::string_view host,
                                    std::string_view model) const;
    // Another list for what this one does not have.
    void add(PriceList other);
    [[nodiscard]] const std::string& date() const { return date_; }

  private:
    struct Vendor {
        std::vector<std::string> names;
        std::vector<std::string> hosts;
        std::vector<std::pair<std::string, Price>> models;
    };

    std::string date_;
    std::vector<Vendor> vendors_;
};

// Money is counted in billionths of a dollar: less than any token costs, and whole numbers add up.
constexpr double nano_per_usd = 1e9;

struct Cost {
    std::uint64_t nano_usd = 0;
    bool known = true;       // false: something was used, and nobody says what it costs
    bool estimated = false;  // calculated from tokens, not reported by the provider
};

// What the provider reports goes before what `price` (null: not known) makes of the tokens.
[[nodiscard]] Cost cost_of(const chat::Usage& usage, const Price* price, bool served);

}  // namespace ccr::stats
