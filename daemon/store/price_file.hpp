// SPDX-License-Identifier: MIT
// The price lists of this machine: the one that comes with the program, and one of the operator's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/stats/price_list.hpp"

namespace ccr::store {

struct Prices {
    std::shared_ptr<const stats::PriceList> list;  // never null; empty where there is no file
    std::vector<Error> troubles;                   // files that cannot be used
};

// `own`: a file in the same form whose prices go first; it need not exist. `folders`: the first
// that has a prices.json counts.
[[nodiscard]] Prices load_prices(const std::string& own, const std::vector<std::string>& folders);

}  // namespace ccr::store
