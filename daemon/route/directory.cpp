// SPDX-License-Identifier: MIT
#include "common/text.hpp"
#include "daemon/route/capability.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::route {
namespace {

// By the config's word, the host, what its transformers stand for, its name.
const dialect::Profile& row_of(const config::Provider& provider, std::string_view stands_for) {
    std::string_view wanted = provider.profile.name;
    // Its host also serves a compatible format with other habits.
    if (wanted.empty() && provider.dialect == config::Dialect::gemini) wanted = "gemini-native";
    const auto& row = dialect::find_profile(wanted, provider.endpoint.host,
                                            stands_for.empty() ? provider.name : stands_for);
    // The format is OpenAI's own; who is not known otherwise hands on to it.
    const auto* nobody = dialect::profile_named("generic");
    const bool responses = provider.dialect == config::Dialect::openai_responses;
    return responses && wanted.empty() && &row == nobody ? *dialect::profile_named("openai") : row;
}

Result<dialect::Profile> profile_of(const config::Provider& provider, std::string_view stands_for) {
    dialect::Profile base = row_of(provider, stands_for);
    // Who speaks as OpenAI does need not have all that OpenAI has.
    if (!dialect::at_home(base, provider.endpoint.host)) base.responses_api = false;
    if (provider.profile.overrides.is_null()) return base;
    return dialect::apply_overrides(base, provider.profile.overrides);
}

Result<Provider> prepare(const config::Provider& provider) {
    const auto* dialect = dialect::find(config::dialect_name(provider.dialect));
    if (!provider.unsupported.empty()) {
        // Known by name, so that the refusal of its requests can say why; never spoken to.
        return Provider{&provider, dialect::find("openai"),
                        dialect::find_profile("", provider.endpoint.host, provider.name)};
    }
    if (dialect == nullptr || dialect->reply_decoder == nullptr) {
        return Error(ErrorKind::config, "provider " + provider.name + " speaks " +
                                            std::string(config::dialect_name(provider.dialect)) +
                                            ", which this version does not support");
    }
    const std::string& wanted = provider.profile.name;
    if (!wanted.empty() && dialect::profile_named(wanted) == nullptr) {
        std::string message =
            "provider " + provider.name + ": no profile " + wanted + "; known are";
        for (const std::string_view name : dialect::profile_names())
            message.append(" ").append(name);
        return Error(ErrorKind::config, std::move(message));
    }
    if (std::string problem = transform::Chains::problem(provider); !problem.empty()) {
        return Error(ErrorKind::config,
                     "provider " + provider.name + ": transformer: " + std::move(problem));
    }
    transform::Chains transforms(provider);
    auto profile = profile_of(provider, transforms.profile());
    if (!profile) return profile.error().wrap("provider " + provider.name + ": profile");
    Provider out{&provider, dialect, std::move(*profile), std::move(transforms)};
    for (const std::string_view model : out.transforms.models()) {
        const std::string_view stands_for = out.transforms.profile(model);
        if (stands_for == out.transforms.profile()) continue;
        auto own = profile_of(provider, stands_for);
        if (own) out.model_profiles.emplace_back(model, std::move(*own));
    }
    // In one go: target_profile() looks here first.
    decltype(out.target_profiles) made;
    made.reserve(provider.models.size());
    for (const config::Model& model : provider.models)
        made.emplace_back(model.name, target_profile(out, model.name));
    out.target_profiles = std::move(made);
    return out;
}

}  // namespace

const dialect::Profile& Provider::profile_for(std::string_view model) const {
    for (const auto& [name, own] : model_profiles) {
        if (iequals(name, model)) return own;
    }
    return profile;
}

Result<std::shared_ptr<const Directory>> Directory::build(std::shared_ptr<const Config> config) {
    auto directory = std::make_shared<Directory>();
    std::string problems;
    for (const auto& entry : config->providers) {
        auto provider = prepare(entry);
        if (provider) {
            directory->providers_.push_back(std::move(*provider));
        } else {
            problems += (problems.empty() ? "" : "\n") + provider.error().chain();
        }
    }
    if (!problems.empty()) return Error(ErrorKind::config, std::move(problems));
    directory->config_ = std::move(config);
    return std::shared_ptr<const Directory>(std::move(directory));
}

const Provider* Directory::find(std::string_view name) const {
    for (const auto& provider : providers_) {
        if (iequals(provider.config->name, name)) return &provider;
    }
    return nullptr;
}

}  // namespace ccr::route
