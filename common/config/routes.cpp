// SPDX-License-Identifier: MIT
#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

class RouteReader {
  public:
    RouteReader(const Value& router, const Config& config, Problems& problems)
        : router_(router), config_(config), problems_(problems) {}

    void read(std::string_view key, TargetRef& out) {
        const Member* member = get(router_, key);
        if (member == nullptr || trim(member->value.text).empty()) return;
        const std::string path = "Router." + std::string(key);
        const auto target = parse_target(member->value.text);
        if (!target) {
            problems_.error(member->value.at, path, "expected \"provider,model\"",
                            only_provider_of(trim(member->value.text)));
            return;
        }
        out = *target;
        out.at = member->value.at;
        check(path, out);
    }

  private:
    // "glm-4.7" → "zai,glm-4.7", when a single provider lists that model.
    [[nodiscard]] std::string only_provider_of(std::string_view model) const {
        std::string found;
        for (const Provider& provider : config_.providers) {
            if (provider.find_model(model) == nullptr) continue;
            if (!found.empty()) return {};
            found = provider.name + "," + std::string(model);
        }
        return found;
    }

    void check(const std::string& path, const TargetRef& target) {
        const Provider* provider = config_.find_provider(target.provider);
        std::vector<std::string_view> names;
        if (provider == nullptr) {
            for (const Provider& each : config_.providers)
                names.emplace_back(each.name);
            problems_.error(target.at, path, "no provider is named " + target.provider,
                            nearest(target.provider, names));
            return;
        }
        if (provider->models.empty() || provider->find_model(target.model) != nullptr) return;
        for (const Model& each : provider->models)
            names.emplace_back(each.name);
        problems_.warning(target.at, path,
                          "provider " + provider->name + " does not list model " + target.model +
                              "; it is sent as it is",
                          nearest(target.model, names));
    }

    const Value& router_;
    const Config& config_;
    Problems& problems_;
};

}  // namespace

void build_router(const Value& root, Config& out, Problems& problems) {
    const Value none{.type = json5::Type::object};
    const Member* member = get(root, "Router");
    const Value& router = member == nullptr ? none : member->value;
    RouteReader reader(router, out, problems);
    reader.read("default", out.router.default_target);
    reader.read("background", out.router.background);
    reader.read("think", out.router.think);
    reader.read("longContext", out.router.long_context);
    reader.read("webSearch", out.router.web_search);
    reader.read("image", out.router.image);
    if (const auto tokens = get_number(router, "longContextThreshold")) {
        out.router.long_context_threshold = static_cast<std::uint64_t>(*tokens);
    }
    const bool given = get(router, "default") != nullptr;
    if (!given && !out.providers.empty()) {
        problems.warning(member == nullptr ? root.at : member->key_at, "Router.default",
                         "not set: only requests that name \"provider,model\" can be answered");
    }
}

}  // namespace ccr::config
