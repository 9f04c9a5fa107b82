// SPDX-License-Identifier: MIT
// Reading the numbers of dispatch. Internal to common/config.
#pragma once

#include <string>

#include "common/config/tree.hpp"

namespace ccr::config {

// Retry, RateLimit, Breaker, Promotion, Queue. Before the providers, which have values of their
// own.
void build_dispatch(const json5::Value& root, Dispatch& out, Problems& problems);
// `provider.rate_limit` and `provider.max_concurrent`.
void build_provider_limits(const json5::Value& entry, const std::string& path,
                           const Dispatch& common, Provider& provider, Problems& problems);

}  // namespace ccr::config
