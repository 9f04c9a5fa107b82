// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

// Schemas lose their $schema on the way to any provider.
void groq(const Options& options, RequestContext& context) {
    cleancache(options, context);
}

}  // namespace ccr::transform
