// SPDX-License-Identifier: MIT
#include "common/config/model.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace ccr::config {
namespace {

template <typename Named>
const Named* find_named(const std::vector<Named>& list, std::string_view name) {
    const auto exact = std::find_if(list.begin(), list.end(),
                                    [name](const Named& item) { return item.name == name; });
    if (exact != list.end()) return &*exact;
    const auto similar = std::find_if(
        list.begin(), list.end(), [name](const Named& item) { return iequals(item.name, name); });
    return similar == list.end() ? nullptr : &*similar;
}

}  // namespace

std::string_view dialect_name(Dialect dialect) {
    switch (dialect) {
        case Dialect::openai_chat:
            return "openai";
        case Dialect::anthropic:
            return "anthropic";
        case Dialect::openai_responses:
            return "openai-responses";
        case Dialect::gemini:
            return "gemini";
    }
    return "unknown";
}

std::optional<TargetRef> parse_target(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    TargetRef out;
    out.provider = trim(text.substr(0, comma));
    out.model = trim(text.substr(comma + 1));
    if (out.provider.empty() || out.model.empty()) return std::nullopt;
    return out;
}

const Model* Provider::find_model(std::string_view model) const {
    return find_named(models, model);
}

std::string Provider::request_target(std::string_view model, bool stream) const {
    if (!model_path) return endpoint.target;
    constexpr std::string_view prefix = "models/";  // as Google's lists of models have it
    if (model.starts_with(prefix)) model.remove_prefix(prefix.size());
    // One segment of the path, whatever the client calls the model; @ marks versions.
    return model_path->before + percent_encode(model, "@") +
           (stream ? model_path->after_stream : model_path->after);
}

std::optional<std::uint64_t> Provider::output_limit(std::string_view model) const {
    for (const auto& [scope, limit] : model_limits) {
        if (iequals(scope, model)) return limit;
    }
    const Model* known = find_model(model);
    if (known != nullptr && known->max_output_tokens) return known->max_output_tokens;
    return max_output_tokens;
}

const Provider* Config::find_provider(std::string_view name) const {
    return find_named(providers, name);
}

}  // namespace ccr::config
