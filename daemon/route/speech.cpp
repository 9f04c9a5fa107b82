// SPDX-License-Identifier: MIT
#include "daemon/route/speech.hpp"

#include "common/config/model.hpp"
#include "daemon/route/capability.hpp"
#include "daemon/search/tool.hpp"

namespace ccr::route {
namespace {

const dialect::Dialect& responses() {
    static const dialect::Dialect& row =
        *dialect::find(config::dialect_name(config::Dialect::openai_responses));
    return row;
}

// The configuration says in the usual format's words what goes into the body.
bool written_out(const Target& target) {
    const auto* chain = target.provider->transforms.find(target.model);
    return chain != nullptr && chain->members();
}

// Whether the provider's other format is the better one.
bool goes_beside(const Target& target, const dialect::Profile& profile,
                 const chat::Request& request, const dialect::Dialect& door) {
    const Provider& provider = *target.provider;
    if (provider.config->responses_target.empty() || !profile.responses_api) return false;
    if (provider.dialect == &door || written_out(target)) return false;
    const bool refused = profile.tools_need_no_reasoning && !request.tools.empty();
    const bool searches = profile.responses_search && search::wanted(request);
    return &door == &responses() || refused ||
           (searches && profile.web_search == dialect::WebSearch::none);
}

}  // namespace

Speech speech_for(const Target& target, const chat::Request& request,
                  const dialect::Dialect& door) {
    const Provider& provider = *target.provider;
    Speech out{provider.dialect, target_profile(provider, target.model)};
    out.beside = goes_beside(target, out.profile, request, door);
    if (out.beside) out.dialect = &responses();
    if (out.dialect == &responses()) out.profile = dialect::for_responses(out.profile);
    return out;
}

}  // namespace ccr::route
