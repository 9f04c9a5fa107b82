// SPDX-License-Identifier: MIT
#include "common/text.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::route {
namespace {

Result<Provider> prepare(const config::Provider& provider) {
    const auto* dialect = dialect::find(config::dialect_name(provider.dialect));
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
    const auto& base =
        dialect::find_profile(provider.profile.name, provider.endpoint.host, provider.name);
    if (provider.profile.overrides.is_null()) return Provider{&provider, dialect, base};
    auto profile = dialect::apply_overrides(base, provider.profile.overrides);
    if (!profile) return profile.error().wrap("provider " + provider.name + ": profile");
    return Provider{&provider, dialect, std::move(*profile)};
}

}  // namespace

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
