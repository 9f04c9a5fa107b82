// SPDX-License-Identifier: MIT
#include "common/config/migrate.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>

#include "common/config/build.hpp"
#include "common/config/json5_scanner.hpp"
#include "common/config/schema.hpp"
#include "common/config/transformers.hpp"
#include "common/config/tree_edit.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Type;
using json5::Value;
using What = MigrationNote::What;

bool has_any(const Value* object, std::initializer_list<std::string_view> keys) {
    return object != nullptr && std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
               return object->find(key) != nullptr;
           });
}

const Value* either(const Value& root, std::string_view a, std::string_view b) {
    const Value* value = root.find(a);
    return value != nullptr ? value : root.find(b);
}

bool any_provider_has(const Value& root, std::initializer_list<std::string_view> keys) {
    const Value* list = either(root, "Providers", "providers");
    return list != nullptr &&
           std::any_of(list->items.begin(), list->items.end(),
                       [&](const Value& provider) { return has_any(&provider, keys); });
}

Origin recognise(const Value& root) {
    const Value* router = either(root, "Router", "router");
    if (has_any(&root, {"Presets", "POOL_MAX_IDLE_PER_HOST", "POOL_IDLE_TIMEOUT_MS",
                        "SSE_BUFFER_SIZE", "Persistence", "DebugCapture", "CLIENT_API_KEY",
                        "Frontend", "MAX_REQUEST_BODY_BYTES"}) ||
        has_any(router, {"tiers", "tierRetries", "ignoreDirect", "forceNonStreaming", "web_search",
                         "strictTierOrder", "retrySweeps", "modelAliases"}) ||
        any_provider_has(root, {"protocol", "tier_name", "auth_header", "extra_headers"})) {
        return Origin::ccr_rust;
    }
    const bool second =
        has_any(&root, {"fallback", "plugins", "Plugins", "forceUseImageAgent", "StatusLine"}) ||
        has_any(router, {"image"}) || any_provider_has(root, {"tokenizer"});
    return second ? Origin::node_v2 : Origin::node_v1;
}

// The environment is not known here: every variable counts as defined.
std::optional<std::string> any_variable(std::string_view name) {
    if (name == "PATH") return paths::environment(name);
    constexpr std::array<std::string_view, 5> own{"SERVICE_PORT", "HTTPS_PROXY", "https_proxy",
                                                  "NO_PROXY", "no_proxy"};
    if (std::find(own.begin(), own.end(), name) != own.end()) return std::nullopt;
    return "1";
}

bool remark(std::string_view key) {
    return key.starts_with("_comment") || key.starts_with("//") || key == "$schema";
}

// Where comments begin in a text that has been read without an error. Those with nothing but space
// between them count as one.
std::vector<json5::Position> comments_in(std::string_view text) {
    std::vector<json5::Position> found;
    json5::Scanner scanner(text);
    std::string ignored;
    json5::Scanner::Failure failure;
    while (!scanner.at_end() && !failure) {
        if (scanner.at_string()) {
            failure = scanner.scan_string(ignored);
        } else if (scanner.peek() == '/') {
            found.push_back(scanner.position());
            failure = scanner.skip_space();
        } else {
            scanner.advance();
        }
    }
    return found;
}

class Migrator {
  public:
    Migrator(Value& root, const std::string& filename, const std::vector<json5::Position>& comments,
             Migration& out)
        : root_(root), filename_(filename), out_(out) {
        for (const json5::Position at : comments)
            note(What::comment, at, "the new file has none; it stays in the old one");
        each_path(root_, [this](const std::string& path, const Value& value) {
            old_paths_.emplace(std::pair(value.at.line, value.at.column), path);
        });
    }

    void run() {
        keys(root_, "");
        if (Value* list = find_path(root_, "Providers")) {
            for (Value& provider : list->items)
                if (provider.is_object()) this->provider(provider);
        }
        if (Value* router = find_path(root_, "Router")) this->router(*router);
        if (Value* list = find_path(root_, "transformers")) scripts(*list);
        custom_router();
        make_it_load();
        std::stable_sort(out_.notes.begin(), out_.notes.end(),
                         [](const MigrationNote& a, const MigrationNote& b) {
                             return std::pair(a.at.line, a.at.column) <
                                    std::pair(b.at.line, b.at.column);
                         });
        out_.text = to_pretty_json(root_);
    }

  private:
    [[nodiscard]] std::string old_path(json5::Position at) const {
        const auto found = old_paths_.find(std::pair(at.line, at.column));
        return found == old_paths_.end() ? "" : found->second;
    }

    void note(What what, json5::Position at, std::string why, std::string suggestion = {}) {
        out_.notes.push_back({what, old_path(at), std::move(why), std::move(suggestion), at});
    }

    // Proper spellings; unknown keys go, keys without effect stay.
    void keys(Value& object, std::string_view row) {
        std::vector<Member> carried;
        for (Member& member : object.members) {
            const Key* key = remark(member.key) ? nullptr : find_child(row, member.key);
            if (remark(member.key)) {
                carried.push_back(std::move(member));
            } else if (key == nullptr) {
                unknown(member, row);
            } else if (key->name() != "*" && key->name() != member.key &&
                       object.find(key->name()) != nullptr) {
                note(What::dropped, member.value.at,
                     "not read, because " + std::string(key->name()) + " means the same");
            } else {
                if (key->name() != "*") member.key = key->name();
                if (key->use == Use::kept && !member.value.is_null()) {
                    note(What::idle, member.value.at, "has no effect in this version",
                         std::string(key->note));
                }
                if (key->kind != Kind::any) below(member.value, *key);
                carried.push_back(std::move(member));
            }
        }
        object.members = std::move(carried);
    }

    void below(Value& value, const Key& key) {
        if (value.is_object()) keys(value, key.path);
        const Key* element = find_key(std::string(key.path) + "[]");
        if (element == nullptr || element->kind == Kind::any) return;
        for (Value& item : value.items)
            below(item, *element);
    }

    void unknown(const Member& member, std::string_view row) {
        const bool exported = row.empty() && member.key.find_first_of(
                                                 "abcdefghijklmnopqrstuvwxyz") == std::string::npos;
        note(What::dropped, member.value.at,
             exported ? "no key of this program; the old router put it into its own environment"
                      : "no key of this program",
             exported ? "set it in the environment of the service, where something needs it" : "");
    }

    void provider(Value& provider) {
        if (out_.origin == Origin::ccr_rust && get(provider, "protocol") == nullptr) {
            // Its default, whatever the URL looks like.
            provider.members.push_back({"protocol", {}, {.type = Type::string, .text = "openai"}});
        }
        if (out_.origin != Origin::ccr_rust && trim(get_string(provider, "api_key")).empty()) {
            note(What::changed, provider.at,
                 "has no key, for which the old router left it out; it is used without one");
        }
        if (Value* use = find_path(provider, "transformer.use")) transformers(*use);
        Value* transformer = find_path(provider, "transformer");
        if (transformer == nullptr) return;
        for (Member& model : transformer->members) {
            Value* use = model.key == "use" ? nullptr : find_path(model.value, "use");
            if (use != nullptr) transformers(*use);
        }
    }

    void transformers(Value& list) {
        std::erase_if(list.items, [this](const Value& entry) {
            const Value& name = entry.is_array() && !entry.items.empty() ? entry.items[0] : entry;
            if (!name.is_string() || find_transformer(trim(name.text)) != nullptr) return false;
            note(What::dropped, entry.at, "no transformer of this program",
                 "say what the provider needs by customparams, headers or profile");
            return true;
        });
    }

    void router(Value& router) {
        if (out_.origin != Origin::ccr_rust && get(router, "think") != nullptr) {
            note(
                What::changed, get(router, "think")->value.at,
                "the old router sent every request there that mentions thinking; adaptive thinking "
                "now goes there from effort high on, and disabled thinking never",
                "set Router.thinkEffort to low for all of it");
        }
        Member* search = nullptr;
        for (Member& member : router.members) {
            if (member.key == "webSearch" && member.value.is_object()) search = &member;
        }
        if (search == nullptr) return;
        const bool enabled = get_boolean(search->value, "enabled").value_or(false);
        note(What::changed, search->value.at,
             "the target is used for requests with a web search tool; tags such as [search] in the "
             "text are not looked for");
        const json5::Position at = search->value.at;
        const std::string target = enabled ? get_string(search->value, "search_provider") : "";
        search->value = Value{.type = Type::string, .at = at, .text = target};
    }

    void scripts(Value& list) {
        for (const Value& entry : list.items) {
            note(What::dropped, entry.at, "JavaScript transformers cannot be loaded",
                 "use the built-in transformers, Providers[].profile or Providers[].headers");
        }
        erase_path(root_, "transformers");
    }

    void custom_router() {
        const Member* path = get(root_, "CUSTOM_ROUTER_PATH");
        if (path == nullptr || trim(path->value.text).empty()) {
            erase_path(root_, "CUSTOM_ROUTER_PATH");
            return;
        }
        note(What::changed, path->value.at,
             "runs in a node process of its own and has 250 ms to answer",
             "customRouterTimeoutMs gives it more");
        for (Member& member : root_.members)
            if (member.key == "CUSTOM_ROUTER_PATH") member.key = "CUSTOM_ROUTER";
    }

    // What the loader would refuse goes, as long as it can be judged without the environment.
    void make_it_load() {
        constexpr int rounds = 8;  // what goes can take others with it: a provider its routes
        for (int round = 0; round < rounds; ++round) {
            const Loaded loaded = load_text(to_pretty_json(root_), filename_, any_variable);
            if (loaded.ok() || !remove_refused(loaded.problems)) break;
        }
        const Loaded loaded = load_text(to_pretty_json(root_), filename_, any_variable);
        if (!loaded.ok()) return;
        for (const Provider& provider : loaded.config->providers) {
            if (provider.unsupported.empty()) continue;
            const Value* entry = provider_named(provider.name);
            if (entry == nullptr) continue;
            note(What::idle, entry->at, provider.unsupported + "; requests to it are refused",
                 "use its OpenAI-compatible or Anthropic-compatible endpoint");
        }
    }

    const Value* provider_named(std::string_view name) {
        Value* list = find_path(root_, "Providers");
        if (list == nullptr) return nullptr;
        const auto found = std::find_if(
            list->items.begin(), list->items.end(),
            [name](const Value& entry) { return trim(get_string(entry, "name")) == name; });
        return found == list->items.end() ? nullptr : &*found;
    }

    // From the end, so that the places before stay where they are.
    bool remove_refused(const std::vector<Problem>& problems) {
        bool removed = false;
        for (const Problem& each : std::views::reverse(problems)) {
            if (each.severity != Severity::error) continue;
            const Value* value = find_path(root_, each.json_path);
            if (value == nullptr || value->text.find('$') != std::string::npos) continue;
            note(What::dropped, value->at, each.message, each.suggestion);
            removed = erase_path(root_, each.json_path) || removed;
        }
        return removed;
    }

    Value& root_;
    const std::string& filename_;
    Migration& out_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> old_paths_;
};

}  // namespace

std::string_view origin_name(Origin origin) {
    switch (origin) {
        case Origin::automatic:
            return "unknown router";
        case Origin::node_v1:
            return "Node router 1.x";
        case Origin::node_v2:
            return "Node router 2.x";
        case Origin::ccr_rust:
            return "ccr-rust";
    }
    return "unknown router";
}

std::string_view what_name(MigrationNote::What what) {
    switch (what) {
        case What::dropped:
            return "dropped";
        case What::changed:
            return "changed";
        case What::idle:
            return "without effect";
        case What::comment:
            return "comment left out";
    }
    return "dropped";
}

Migration migrate(std::string_view text, const std::string& filename, Origin origin) {
    Migration out;
    Problems problems(filename);
    json5::Parsed parsed = json5::parse(text);
    for (json5::SyntaxError& error : parsed.errors)
        problems.error(error.at, "", std::move(error.message));
    if (parsed.errors.empty() && !parsed.root.is_object()) {
        problems.error(
            parsed.root.at, "",
            "expected an object, found " + std::string(json5::type_name(parsed.root.type)));
    }
    out.problems = problems.take();
    if (!out.problems.empty()) return out;
    out.origin = origin == Origin::automatic ? recognise(parsed.root) : origin;
    Migrator(parsed.root, filename, comments_in(text), out).run();
    return out;
}

}  // namespace ccr::config
