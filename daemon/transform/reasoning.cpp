// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"
#include "daemon/transform/options.hpp"

namespace ccr::transform {

void reasoning(const Options& options, RequestContext& context) {
    if (context.profile.thinking == dialect::ThinkingStyle::none) {
        context.profile.thinking = dialect::ThinkingStyle::switches;
    }
    if (!switch_option(options, "enable", true)) context.overlay.thinking = false;
}

}  // namespace ccr::transform
