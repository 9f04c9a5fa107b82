// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void forceeffort(const Options& options, RequestContext& context) {
    const auto* effort = options.find("effort");
    if (effort == nullptr) return;
    context.overlay.members.push_back(
        {"reasoning_effort", effort, dialect::ExtraMember::Rule::replace});
}

}  // namespace ccr::transform
