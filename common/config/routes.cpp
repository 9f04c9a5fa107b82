// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

// What becomes of a target whose provider does not exist.
enum class Missing : std::uint8_t {
    error,    // nothing would work
    refused,  // the route stays, and requests that take it are refused: nobody meant the default
    skipped,  // one of several to try
};

class TargetReader {
  public:
    TargetReader(const Config& config, Problems& problems) : config_(config), problems_(problems) {}

    // Nothing when the text is empty, wrong (reported), or skipped (reported).
    std::optional<TargetRef> read(const Value& value, const std::string& path, Missing missing) {
        if (trim(value.text).empty()) return std::nullopt;
        auto target = parse_target(value.text);
        if (!target) target = of_listed(trim(value.text));
        if (!target) {
            problems_.error(value.at, path,
                            "expected \"provider,model\", or a model " + listed_by_);
            return std::nullopt;
        }
        target->at = value.at;
        return check(*target, path, missing) ? target : std::nullopt;
    }

  private:
    // "glm-4.7" → "zai,glm-4.7", when a single provider lists that model.
    std::optional<TargetRef> of_listed(std::string_view model) {
        std::optional<TargetRef> found;
        listed_by_ = "that one provider lists";
        for (const Provider& provider : config_.providers) {
            const Model* known = provider.find_model(model);
            if (known == nullptr) continue;
            if (found) {
                listed_by_ += ", but " + found->provider + " and " + provider.name + " list it";
                return std::nullopt;
            }
            found = TargetRef{provider.name, known->name, {}};
        }
        return found;
    }

    bool check(const TargetRef& target, const std::string& path, Missing missing) {
        const Provider* provider = config_.find_provider(target.provider);
        if (provider == nullptr) return unknown_provider(target, path, missing);
        if (!provider->unsupported.empty()) {
            problems_.warning(
                target.at, path,
                "provider " + provider->name + " cannot be used: it " + provider->unsupported);
        }
        if (provider->models.empty() || provider->find_model(target.model) != nullptr) return true;
        std::vector<std::string_view> names;
        names.reserve(provider->models.size());
        for (const Model& each : provider->models)
            names.emplace_back(each.name);
        problems_.warning(target.at, path,
                          "provider " + provider->name + " does not list model " + target.model +
                              "; it is sent as it is",
                          nearest(target.model, names));
        return true;
    }

    bool unknown_provider(const TargetRef& target, const std::string& path, Missing missing) {
        std::vector<std::string_view> names;
        names.reserve(config_.providers.size());
        for (const Provider& each : config_.providers)
            names.emplace_back(each.name);
        const std::string what = "no provider is named " + target.provider;
        const std::string near = nearest(target.provider, names);
        if (missing == Missing::error) {
            problems_.error(target.at, path, what, near);
        } else if (missing == Missing::refused) {
            problems_.warning(target.at, path, what + "; requests that take this route are refused",
                              near);
        } else {
            problems_.warning(target.at, path, what + "; left out", near);
        }
        return missing != Missing::skipped;
    }

    const Config& config_;
    Problems& problems_;
    std::string listed_by_;
};

class RouterReader {
  public:
    RouterReader(const Value& router, const Config& config, Router& out, Problems& problems)
        : router_(router),
          config_(config),
          targets_(config, problems),
          out_(out),
          problems_(problems) {}

    void run() {
        route("default", out_.default_target, Missing::error);
        route("background", out_.background);
        route("think", out_.think);
        route("longContext", out_.long_context);
        route("image", out_.image);
        web_search();
        think_effort();
        const double threshold = get_number(router_, "longContextThreshold").value_or(0);
        if (threshold > 0) out_.long_context_threshold = static_cast<std::uint64_t>(threshold);
        out_.ignore_direct = get_boolean(router_, "ignoreDirect").value_or(false);
        out_.force_non_streaming = get_boolean(router_, "forceNonStreaming").value_or(false);
        tiers();
        retries();
        aliases();
    }

  private:
    void route(std::string_view key, TargetRef& out, Missing missing = Missing::refused) {
        const Member* member = get(router_, key);
        if (member == nullptr) return;
        if (auto target = targets_.read(member->value, "Router." + std::string(key), missing)) {
            out = std::move(*target);
        }
    }

    void web_search() {
        const Member* member = get(router_, "webSearch");
        if (member == nullptr || !member->value.is_object()) {
            return route("webSearch", out_.web_search);
        }
        if (!get_boolean(member->value, "enabled").value_or(false)) return;
        const Member* target = get(member->value, "search_provider");
        if (target == nullptr) return;
        problems_.warning(member->key_at, "Router.webSearch",
                          "used for requests with a web search tool; tags such as [search] in the "
                          "text are not looked for");
        auto found =
            targets_.read(target->value, "Router.webSearch.search_provider", Missing::refused);
        if (found) out_.web_search = std::move(*found);
    }

    void think_effort() {
        constexpr std::array<std::string_view, 6> words{"low",   "medium", "high",
                                                        "xhigh", "max",    "never"};
        const std::string wanted = lower(trim(get_string(router_, "thinkEffort")));
        if (wanted.empty()) return;
        if (std::find(words.begin(), words.end(), wanted) != words.end()) {
            out_.think_effort = wanted;
            return;
        }
        problems_.error(router_.find("thinkEffort")->at, "Router.thinkEffort",
                        "unknown effort; use low, medium, high, xhigh, max or never",
                        nearest(wanted, {words.begin(), words.end()}));
    }

    void tiers() {
        const Member* list = get(router_, "tiers");
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->value.items.size(); ++i) {
            const std::string path = "Router.tiers[" + std::to_string(i) + "]";
            auto target = targets_.read(list->value.items[i], path, Missing::skipped);
            if (!target) continue;
            if (std::find(out_.tiers.begin(), out_.tiers.end(), *target) != out_.tiers.end()) {
                problems_.warning(target->at, path, target->text() + " stands here twice");
                continue;
            }
            out_.tiers.push_back(std::move(*target));
        }
    }

    // Elsewhere the first tier is tier-0.
    static std::string tier_name(const Value& table, const std::string& key) {
        constexpr std::string_view prefix = "tier-";
        const bool from_zero = table.find("tier-0") != nullptr;
        if (!from_zero || !lower(key).starts_with(prefix)) return key;
        const auto number = to_number<unsigned>(std::string_view(key).substr(prefix.size()));
        return number ? std::string(prefix) + std::to_string(*number + 1) : key;
    }

    void retries() {
        const Member* table = get(router_, "tierRetries");
        if (table == nullptr) return;
        for (const Member& tier : table->value.members) {
            Retry retry = config_.dispatch.retry;
            if (const auto count = get_number(tier.value, "max_retries")) {
                retry.max_retries = static_cast<unsigned>(*count);
            }
            pause(tier.value, "base_backoff_ms", retry.base_delay);
            pause(tier.value, "max_backoff_ms", retry.max_delay);
            retry.growth = get_number(tier.value, "backoff_multiplier").value_or(retry.growth);
            check_tier(tier);
            out_.tier_retries.emplace_back(tier_name(table->value, tier.key), std::move(retry));
        }
    }

    static void pause(const Value& tier, std::string_view key, Millis& out) {
        if (const auto number = get_number(tier, key)) {
            out = Millis(static_cast<Millis::rep>(*number));
        }
    }

    void check_tier(const Member& tier) {
        std::vector<std::string_view> names;
        for (const Provider& provider : config_.providers) {
            names.emplace_back(provider.name);
            if (!provider.tier_name.empty()) names.emplace_back(provider.tier_name);
        }
        const bool known = lower(tier.key).starts_with("tier-") ||
                           std::any_of(names.begin(), names.end(), [&](std::string_view name) {
                               return iequals(name, tier.key);
                           });
        if (known) return;
        problems_.warning(tier.key_at, "Router.tierRetries." + tier.key,
                          "no provider or tier_name is called that; write tier-N or one of them",
                          nearest(tier.key, names));
    }

    void aliases() {
        const Member* table = get(router_, "modelAliases");
        if (table == nullptr) return;
        for (const Member& alias : table->value.members) {
            std::string path = "Router.modelAliases." + alias.key;
            if (trim(alias.key).empty() || alias.key.find(',') != std::string::npos) {
                problems_.error(alias.key_at, path,
                                "a name must not be empty or have a comma in it");
                continue;
            }
            const Member* route = get(alias.value, "route");
            const bool longhand = alias.value.is_object();
            if (longhand && route == nullptr) {
                problems_.error(alias.key_at, path, "route is missing");
                continue;
            }
            if (longhand) path += ".route";
            auto target =
                targets_.read(longhand ? route->value : alias.value, path, Missing::refused);
            if (target) out_.model_aliases.emplace_back(trim(alias.key), std::move(*target));
        }
    }

    const Value& router_;
    const Config& config_;
    TargetReader targets_;
    Router& out_;
    Problems& problems_;
};

void build_fallback(const Value& root, Config& out, Problems& problems) {
    const Member* table = get(root, "fallback");
    if (table == nullptr) return;
    constexpr std::array<std::string_view, 9> routes{"default",     "background", "think",
                                                     "longContext", "webSearch",  "image",
                                                     "explicit",    "subagent",   "custom"};
    TargetReader targets(out, problems);
    for (const Member& route : table->value.members) {
        if (std::find(routes.begin(), routes.end(), route.key) == routes.end()) {
            problems.warning(route.key_at, "fallback." + route.key, "there is no such route",
                             nearest(route.key, {routes.begin(), routes.end()}));
            continue;
        }
        std::vector<TargetRef> list;
        for (std::size_t i = 0; i < route.value.items.size(); ++i) {
            const std::string path = "fallback." + route.key + "[" + std::to_string(i) + "]";
            auto target = targets.read(route.value.items[i], path, Missing::skipped);
            if (target) list.push_back(std::move(*target));
        }
        out.fallback.emplace_back(route.key, std::move(list));
    }
}

void build_presets(const Value& root, Config& out, Problems& problems) {
    const Member* table = get(root, "Presets");
    if (table == nullptr) return;
    TargetReader targets(out, problems);
    for (const Member& entry : table->value.members) {
        if (!entry.value.is_object()) continue;
        const std::string path = "Presets." + entry.key;
        InlinePreset preset{.name = entry.key, .at = entry.key_at};
        if (!preset_name(entry.key)) {
            problems.error(entry.key_at, path, std::string(preset_name_rule));
            continue;
        }
        const Member* route = get(entry.value, "route");
        if (route == nullptr || trim(route->value.text).empty()) {
            problems.error(entry.key_at, path, "route is missing");
            continue;
        }
        auto target = targets.read(route->value, path + ".route", Missing::refused);
        if (!target) continue;
        preset.route = std::move(*target);
        if (const auto tokens = get_number(entry.value, "max_tokens")) {
            preset.max_tokens = static_cast<std::uint64_t>(*tokens);
        }
        preset.temperature = get_number(entry.value, "temperature");
        out.presets.push_back(std::move(preset));
    }
}

}  // namespace

bool preset_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.empty() || name.size() > longest || name == "." || name == "..") return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        const char low = ascii_lower(c);
        return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
}

void build_routes(const Value& root, const Config& config, Router& out, Problems& problems) {
    const Member* member = get(root, "Router");
    if (member != nullptr) RouterReader(member->value, config, out, problems).run();
}

void build_router(const Value& root, Config& out, Problems& problems) {
    build_routes(root, out, out.router, problems);
    build_fallback(root, out, problems);
    build_presets(root, out, problems);
    const Member* member = get(root, "Router");
    const bool given = member != nullptr && get(member->value, "default") != nullptr;
    if (!given && out.router.default_target.empty() && !out.providers.empty()) {
        problems.warning(member == nullptr ? root.at : member->key_at, "Router.default",
                         "not set: only requests that name \"provider,model\" can be answered");
    }
}

}  // namespace ccr::config
