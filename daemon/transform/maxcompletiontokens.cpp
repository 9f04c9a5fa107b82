// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {

void maxcompletiontokens(const Options& /*options*/, RequestContext& context) {
    context.profile.max_tokens_field = dialect::MaxTokensField::max_completion_tokens;
}

}  // namespace ccr::transform
