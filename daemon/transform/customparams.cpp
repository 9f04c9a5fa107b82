// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void customparams(const Options& options, RequestContext& context) {
    for (const json5::Member& member : options.members) {
        context.overlay.members.push_back(
            {member.key, &member.value, dialect::ExtraMember::Rule::merge});
    }
}

}  // namespace ccr::transform
