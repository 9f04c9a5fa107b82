// SPDX-License-Identifier: MIT
// From a checked configuration to what requests work with: providers with their dialects, ways to
// reach them, places for their counters. Everything that can be wrong with a configuration beyond
// its own text is found here, before anything is replaced.
#pragma once

#include <memory>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "daemon/proxy/worker.hpp"

namespace ccr {

[[nodiscard]] Result<std::shared_ptr<const proxy::Snapshot>> build_snapshot(
    const std::shared_ptr<const Config>& config, stats::Book& book);

// Whether idle connections made under `before` may serve `after`: same proxy, and no trust store of
// a provider's own, whose file may have changed.
[[nodiscard]] bool same_ways(const Config& before, const Config& after);

}  // namespace ccr
