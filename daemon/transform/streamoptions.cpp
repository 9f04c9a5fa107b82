// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void streamoptions(const Options& /*options*/, RequestContext& context) {
    context.profile.stream_options = true;
}

}  // namespace ccr::transform
