// SPDX-License-Identifier: MIT
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {
namespace {

constexpr std::int64_t cap = 8192;

}  // namespace

void deepseek(const Options& /*options*/, RequestContext& context) {
    if (!context.capped) context.overlay.max_tokens_cap = cap;
}

}  // namespace ccr::transform
