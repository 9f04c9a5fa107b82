// SPDX-License-Identifier: MIT
#include "daemon/route/plan.hpp"

#include "common/text.hpp"

namespace ccr::route {
namespace {

constexpr std::string_view alias_prefix = "claude-ccr-";

// The provider's own spelling of a model, where it lists one.
std::string canonical_model(const config::Provider& provider, std::string_view model) {
    const auto* listed = provider.find_model(model);
    return listed != nullptr ? listed->name : std::string(model);
}

std::string provider_names(const Directory& directory) {
    std::string names;
    for (const auto& provider : directory.providers()) {
        names += (names.empty() ? "" : ", ") + provider.config->name;
    }
    return names.empty() ? "none" : names;
}

Result<Plan> explicit_target(const Directory& directory, std::string_view requested,
                             const config::TargetRef& ref) {
    const auto* provider = directory.find(ref.provider);
    if (provider == nullptr) {
        // "model: " in front: clients recognise an unknown model by it.
        return Error(ErrorKind::not_found, "model: " + std::string(requested) +
                                               ": no provider named \"" + ref.provider +
                                               "\"; configured: " + provider_names(directory));
    }
    Plan plan{"explicit", "the request names provider and model", {}};
    plan.candidates.push_back({provider, canonical_model(*provider->config, ref.model)});
    return plan;
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

// The listed model that goes by this alias.
std::optional<Target> aliased(const Directory& directory, std::string_view requested) {
    if (!requested.starts_with(alias_prefix)) return std::nullopt;
    for (const auto& provider : directory.providers()) {
        for (const auto& model : provider.config->models) {
            if (iequals(claude_alias(provider.config->name, model.name), requested)) {
                return Target{&provider, model.name};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

std::string claude_alias(std::string_view provider, std::string_view model) {
    std::string alias(alias_prefix);
    alias += lower(provider);
    alias += '-';
    alias += model;
    return alias;
}

Result<Plan> plan(const Directory& directory, std::string_view requested_model) {
    const std::string_view requested = trim(requested_model);
    if (const auto ref = config::parse_target(requested)) {
        return explicit_target(directory, requested, *ref);
    }
    if (const auto* provider = only_provider_of(directory, requested)) {
        Plan plan{"explicit", "only " + provider->config->name + " lists this model", {}};
        plan.candidates.push_back({provider, canonical_model(*provider->config, requested)});
        return plan;
    }
    if (auto target = aliased(directory, requested)) {
        return Plan{"explicit", "the request names a listed alias", {std::move(*target)}};
    }
    const auto& fallback = directory.config().router.default_target;
    if (fallback.empty()) {
        return Error(ErrorKind::not_found,
                     "model: " + std::string(requested) +
                         ": not listed by any provider and Router.default is not set; ask for "
                         "\"provider,model\" (configured: " +
                         provider_names(directory) + ") or set Router.default");
    }
    const auto* provider = directory.find(fallback.provider);
    if (provider == nullptr) {
        return Error(ErrorKind::internal, "Router.default names no provider");
    }
    Plan plan{"default", "no other rule applies", {}};
    plan.candidates.push_back({provider, canonical_model(*provider->config, fallback.model)});
    return plan;
}

}  // namespace ccr::route
