// SPDX-License-Identifier: MIT
#include "daemon/route/plan.hpp"

#include "common/text.hpp"
#include "daemon/route/scenario.hpp"

namespace ccr::route {
namespace {

constexpr std::string_view alias_prefix = "claude-ccr-";

// The provider's own spelling of a model, where it lists one.
std::string canonical_model(const config::Provider& provider, std::string_view model) {
    const auto* listed = provider.find_model(model);
    return listed != nullptr ? listed->name : std::string(model);
}

Result<Target> usable(const Provider& provider, std::string_view model) {
    if (!provider.config->unsupported.empty()) {
        return Error(ErrorKind::not_supported, "provider " + provider.config->name +
                                                   " cannot be used: it " +
                                                   provider.config->unsupported);
    }
    return Target{&provider, canonical_model(*provider.config, model)};
}

// The one provider that lists a bare model name, or null if none or several do.
const Provider* only_provider_of(const Directory& directory, std::string_view model) {
    const Provider* found = nullptr;
    for (const auto& provider : directory.providers()) {
        if (provider.config->find_model(model) == nullptr) continue;
        if (found != nullptr) return nullptr;
        found = &provider;
    }
    return found;
}

struct Listed {
    const Provider* provider = nullptr;
    const std::string* model = nullptr;
};

// The listed model that goes by this alias.
Listed aliased(const Directory& directory, std::string_view requested) {
    if (!requested.starts_with(alias_prefix)) return {};
    for (const auto& provider : directory.providers()) {
        for (const auto& model : provider.config->models) {
            if (iequals(claude_alias(provider.config->name, model.name), requested)) {
                return {&provider, &model.name};
            }
        }
    }
    return {};
}

Result<std::optional<Named>> with(Result<Target> target, std::string_view how) {
    if (!target) return std::move(target).error();
    return std::optional(Named{std::move(*target), how});
}

}  // namespace

std::string claude_alias(std::string_view provider, std::string_view model) {
    std::string alias(alias_prefix);
    alias += lower(provider);
    alias += '-';
    alias += model;
    return alias;
}

std::string provider_names(const Directory& directory) {
    std::string names;
    for (const auto& provider : directory.providers()) {
        if (!provider.config->unsupported.empty()) continue;
        names += (names.empty() ? "" : ", ") + provider.config->name;
    }
    return names.empty() ? "none" : names;
}

Result<Target> target_of(const Directory& directory, const config::TargetRef& ref) {
    const auto* provider = directory.find(ref.provider);
    if (provider == nullptr) {
        // "model: " in front: clients recognise an unknown model by it.
        return Error(ErrorKind::not_found, "model: " + ref.text() + ": no provider named \"" +
                                               ref.provider +
                                               "\"; configured: " + provider_names(directory));
    }
    return usable(*provider, ref.model);
}

Result<std::optional<Named>> named_target(const Directory& directory, std::string_view text) {
    const std::string_view name = trim(text);
    if (const auto ref = config::parse_target(name)) {
        return with(target_of(directory, *ref), "the request names provider and model");
    }
    if (const auto* provider = only_provider_of(directory, name)) {
        return with(usable(*provider, name), "only one provider lists the model");
    }
    if (const auto listed = aliased(directory, name); listed.provider != nullptr) {
        return with(usable(*listed.provider, *listed.model), "the request names a listed alias");
    }
    return std::optional<Named>();
}

Result<Plan> plan(const Directory& directory, std::string_view requested_model) {
    Inquiry inquiry;
    inquiry.requested = requested_model;
    return decide(directory, inquiry);
}

}  // namespace ccr::route
