// SPDX-License-Identifier: MIT
#include "daemon/route/search.hpp"

#include "daemon/route/capability.hpp"

namespace ccr::route {
namespace {

bool anthropic(const Speech& speech) {
    return speech.dialect->name == config::dialect_name(config::Dialect::anthropic);
}

bool of_its_own(const Speech& speech) {
    if (anthropic(speech)) {
        return speech.profile.anthropic_level == dialect::AnthropicLevel::full;
    }
    return speech.profile.web_search != dialect::WebSearch::none;
}

}  // namespace

SearchBy search_by(const Target& target, const Speech& speech, const config::WebSearch& engine) {
    if (of_its_own(speech)) {
        const bool echo = speech.profile.web_search == dialect::WebSearch::kimi_builtin;
        return echo && !anthropic(speech) ? SearchBy::echo : SearchBy::provider;
    }
    if (!engine.configured()) return SearchBy::nobody;
    const auto* listed = target.provider->config->find_model(target.model);
    const bool no_tools = listed != nullptr && listed->tools && !*listed->tools;
    return no_tools ? SearchBy::nobody : SearchBy::router;
}

bool can_search(const Target& target, const chat::Request& request, const dialect::Dialect& door,
                const config::WebSearch& engine) {
    return search_by(target, speech_for(target, request, door), engine) != SearchBy::nobody;
}

Error no_search(const Target& target) {
    return {ErrorKind::invalid_request,
            "tools: provider " + target.provider->config->name +
                " cannot search the web with model " + target.model +
                ": set Router.webSearch to a target that can, or configure WebSearch with a search "
                "engine (searxng, brave, tavily or exa) that the router asks for it"};
}

}  // namespace ccr::route
