// SPDX-License-Identifier: MIT
#include "common/text.hpp"
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void openrouter(const Options& options, RequestContext& context) {
    const bool reads_marks =
        icontains(context.model, "claude") || icontains(context.model, "gemini");
    if (!reads_marks) {
        context.profile.cache_control = false;
        context.overlay.drop_cache_control = true;
    }
    for (const json5::Member& member : options.members) {
        context.overlay.members.push_back(
            {member.key, &member.value, dialect::ExtraMember::Rule::replace});
    }
}

}  // namespace ccr::transform
