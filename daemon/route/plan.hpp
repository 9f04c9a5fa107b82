// SPDX-License-Identifier: MIT
// Where a request goes: config + request → ordered candidates, with the reason in words. Pure.
#pragma once

#include <memory>
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
    std::string_view route;  // "explicit", "default" …
    std::string reason;      // one clause, for x-ccr-route and the log
    std::vector<Target> candidates;
};

// A name for a target that clients accept which only take Claude's: "claude-ccr-provider-model".
[[nodiscard]] std::string claude_alias(std::string_view provider, std::string_view model);

// The candidates for a model name as the client sent it. not_found with what is available if the
// name asks for a provider or model that does not exist and there is no default route.
Result<Plan> plan(const Directory& directory, std::string_view requested_model);

}  // namespace ccr::route
