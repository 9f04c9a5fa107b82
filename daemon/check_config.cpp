// SPDX-License-Identifier: MIT
#include "daemon/check_config.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "common/config/preset.hpp"
#include "daemon/route/plan.hpp"

namespace ccr {
namespace {

using config::Problem;
using config::Severity;

// The directory is built for one provider at a time, so that each complaint has its place.
void check_providers(const Config& config, std::vector<Problem>& out) {
    for (const config::Provider& provider : config.providers) {
        auto alone = std::make_shared<Config>();
        alone->providers.push_back(provider);
        const auto directory = route::Directory::build(std::move(alone));
        if (directory) continue;
        const bool has_profile = provider.profile.at.line != 0;
        const auto at = has_profile ? provider.profile.at : provider.at;
        out.push_back({Severity::error, config.source, at.line, at.column, "Providers",
                       directory.error().chain(), ""});
    }
}

void check_presets(const std::string& file, const std::shared_ptr<const Config>& main,
                   const config::Lookup& lookup, std::vector<Problem>& out) {
    const std::string directory = std::filesystem::path(file).parent_path().string();
    config::Presets presets = config::load_presets(directory, main, lookup);
    std::move(presets.problems.begin(), presets.problems.end(), std::back_inserter(out));
    for (const config::Preset& preset : presets.list) {
        // Providers of the main config have been looked at.
        if (preset.config->source != main->source) check_providers(*preset.config, out);
    }
}

}  // namespace

ConfigCheck check_config(const std::string& file, const config::Lookup& lookup) {
    config::Loaded loaded = config::load_file(file, lookup);
    ConfigCheck out{std::move(loaded.problems), false};
    if (!loaded.ok()) return out;
    check_providers(*loaded.config, out.problems);
    std::stable_sort(out.problems.begin(), out.problems.end(),
                     [](const Problem& a, const Problem& b) {
                         return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                     });
    out.ok = std::none_of(out.problems.begin(), out.problems.end(), [](const Problem& problem) {
        return problem.severity == Severity::error;
    });
    check_presets(file, loaded.config, lookup, out.problems);
    return out;
}

}  // namespace ccr
