// SPDX-License-Identifier: MIT
#include <algorithm>

#include "daemon/transform/builtin.hpp"
#include "daemon/transform/options.hpp"

namespace ccr::transform {
namespace {

void put(std::string& field, const Options& options, std::string_view name) {
    if (std::string raw = raw_number_option(options, name); !raw.empty()) field = std::move(raw);
}

}  // namespace

void sampling(const Options& options, RequestContext& context) {
    dialect::Overlay& overlay = context.overlay;
    if (const auto most = number_option(options, "max_tokens"); most && *most >= 1) {
        const auto cap = static_cast<std::int64_t>(*most);
        overlay.max_tokens_cap = std::min(overlay.max_tokens_cap.value_or(cap), cap);
    }
    put(overlay.temperature, options, "temperature");
    put(overlay.top_p, options, "top_p");
    put(overlay.top_k, options, "top_k");
    put(overlay.repetition_penalty, options, "repetition_penalty");
}

}  // namespace ccr::transform
