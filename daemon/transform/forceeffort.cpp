// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void forceeffort(const Options& options, RequestContext& context) {
    const auto* effort = options.find("effort");
    if (effort == nullptr) return;
    // Responses has it inside another member.
    context.overlay.effort = effort->text;
    if (context.profile.reasoning_field == dialect::ReasoningField::reasoning_item) return;
    context.overlay.members.push_back(
        {"reasoning_effort", effort, dialect::ExtraMember::Rule::replace});
}

}  // namespace ccr::transform
