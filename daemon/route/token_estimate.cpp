// SPDX-License-Identifier: MIT
#include "daemon/route/token_estimate.hpp"

#include "daemon/tokens/estimate.hpp"

namespace ccr::route {

double estimate_text(std::string_view escaped) {
    return tokens::estimate_text(escaped).total();
}

std::int64_t estimate_from_size(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes / 4) + 1;
}

std::int64_t estimate_tokens(const chat::Request& request) {
    return tokens::estimate(request).tokens();
}

}  // namespace ccr::route
