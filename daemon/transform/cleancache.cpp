// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void cleancache(const Options& /*options*/, RequestContext& context) {
    context.profile.cache_control = false;
    context.profile.cache_breakpoints = false;
    context.overlay.drop_cache_control = true;
}

}  // namespace ccr::transform
