// SPDX-License-Identifier: MIT
#include "ctl/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>

#include "common/paths.hpp"
#include "ctl/command.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

constexpr std::string_view stand_in = "unknown-to-ccr-";

using Load = std::function<config::Loaded(const config::Lookup&)>;

Settings load_with(const std::string& path, const Load& load) {
    Settings out;
    out.path = path;
    const config::Lookup known = config::system_lookup();
    config::Loaded strict = load(known);
    out.problems = std::move(strict.problems);
    out.config = std::move(strict.config);
    if (out.ok()) return out;
    std::vector<std::string> unknown;
    config::Loaded lenient = load(lenient_lookup(&unknown));
    out.config = std::move(lenient.config);
    out.problems = std::move(lenient.problems);
    out.unknown = std::move(unknown);
    return out;
}

}  // namespace

std::string config_file(const Arguments& arguments) {
    if (std::string given = arguments.config(); !given.empty()) return given;
    if (arguments.scope() == Scope::system) return std::string(system_config);
    std::string own = paths::config_file();
    const bool chosen = paths::environment("CCR_CONFIG").has_value();
    if (chosen || arguments.scope() == Scope::user) return own;
    const bool there = ::access(own.c_str(), F_OK) == 0;
    const bool system = ::access(std::string(system_config).c_str(), F_OK) == 0;
    return !there && system ? std::string(system_config) : own;
}

config::Lookup lenient_lookup(std::vector<std::string>* unknown) {
    return [unknown,
            known = config::system_lookup()](std::string_view name) -> std::optional<std::string> {
        if (auto value = known(name)) return value;
        // What changes how the daemon listens is never made up.
        for (const std::string_view own :
             {"SERVICE_PORT", "PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}) {
            if (name == own) return std::nullopt;
        }
        if (unknown != nullptr) unknown->emplace_back(name);
        return std::string(stand_in) + std::string(name);
    };
}

bool Settings::is_known(const Secret& value) {
    return value.reveal().find(stand_in) == std::string_view::npos;
}

Settings load_settings(const std::string& path) {
    return load_with(
        path, [&path](const config::Lookup& lookup) { return config::load_file(path, lookup); });
}

Settings check_settings(std::string_view text, const std::string& path) {
    return load_with(
        path, [&](const config::Lookup& lookup) { return config::load_text(text, path, lookup); });
}

int complain_about(const Settings& settings) {
    if (::access(settings.path.c_str(), F_OK) != 0) {
        return complain(exit_config, "there is no configuration yet; write " + settings.path +
                                         " (man ccr-config has an example), or take over that of "
                                         "another router with: ccr config migrate FILE");
    }
    if (::access(settings.path.c_str(), R_OK) != 0) {
        return complain(exit_permission,
                        settings.path +
                            " may not be read by you; run this as root or as a member of the "
                            "group that may (sudo usermod -aG ccr \"$USER\", then log in again)");
    }
    for (const config::Problem& problem : settings.problems) {
        if (problem.severity == config::Severity::error) remark(format(problem));
    }
    return complain(exit_config, "mend " + settings.path + " first; ccr check shows what is wrong");
}

}  // namespace ccr::ctl
