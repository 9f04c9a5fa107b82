// SPDX-License-Identifier: MIT
// Where a request goes: config + request → ordered candidates, with the reason in words. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/transform/chain.hpp"

namespace ccr::route {

// A provider as dispatch needs it: the config entry with its dialect and quirks resolved.
struct Provider {
    const config::Provider* config = nullptr;
    const dialect::Dialect* dialect = nullptr;
    dialect::Profile profile;
    transform::Chains transforms = {};
    // Of models whose transformers stand for another profile than the provider's.
    std::vector<std::pair<std::string, dialect::Profile>> model_profiles = {};
    // What target_profile() says of the models that the configuration lists, made once.
    std::vector<std::pair<std::string, dialect::Profile>> target_profiles = {};

    // Without what the model's name decides.
    [[nodiscard]] const dialect::Profile& profile_for(std::string_view model) const;
};

// All providers of one configuration; built once per load, immutable, shared between loops.
class Directory {
  public:
    // The error names every provider whose profile cannot be used.
    static Result<std::shared_ptr<const Directory>> build(std::shared_ptr<const Config> config);

    [[nodiscard]] const Config& config() const { return *config_; }
    [[nodiscard]] const std::vector<Provider>& providers() const { return providers_; }
    [[nodiscard]] const Provider* find(std::string_view name) const;

  private:
    std::shared_ptr<const Config> config_;
    std::vector<Provider> providers_;
};

// One provider + one model.
struct Target {
    const Provider* provider = nullptr;
    std::string model;
};

struct Plan {
    std::string_view route;  // "explicit", "default" …; a literal
    std::string reason;      // one clause, for x-ccr-route and the log
    std::vector<Target> candidates;
};

// A name for a target that clients accept which only take Claude's: "claude-ccr-provider-model".
[[nodiscard]] std::string claude_alias(std::string_view provider, std::string_view model);

// What a config's or hook's "provider,model" stands for, in the provider's own spelling. Errors:
// not_found ("model: …", with what there is), not_supported (the provider cannot be used, and why).
[[nodiscard]] Result<Target> target_of(const Directory& directory, const config::TargetRef& ref);

// A target named by a client: "provider,model" (without case, trimmed; a model may contain commas),
// a model that exactly one provider lists, or a listed alias. Nothing if the text is none of these.
struct Named {
    Target target;
    std::string_view how;  // "the request names provider and model" …
};
[[nodiscard]] Result<std::optional<Named>> named_target(const Directory& directory,
                                                        std::string_view text);

// Names of all usable providers, for an error's text: "a, b" or "none".
[[nodiscard]] std::string provider_names(const Directory& directory);

// The candidates for a model name alone, by the rules of scenario.hpp that need no more than it.
Result<Plan> plan(const Directory& directory, std::string_view requested_model);

}  // namespace ccr::route
