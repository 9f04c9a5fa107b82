// SPDX-License-Identifier: MIT
#include "common/config/preset.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/config/build.hpp"
#include "common/config/manifest.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

namespace fs = std::filesystem;
using json5::Member;
using json5::Value;

// What of a config a preset has of its own. The rest (port, log, keys of the router itself …) is
// left alone: a preset that was exported from a whole config carries it along.
constexpr std::array<std::string_view, 10> own_keys{"Providers",
                                                    "providers",
                                                    "Router",
                                                    "router",
                                                    "fallback",
                                                    "transformers",
                                                    "plugins",
                                                    "CUSTOM_ROUTER",
                                                    "CUSTOM_ROUTER_PATH",
                                                    "REWRITE_SYSTEM_PROMPT"};

// A hostile name must not write into a terminal or a log.
std::string shown(std::string name) {
    for (char& c : name) {
        if (c < 0x20 || c > 0x7E) c = '?';
    }
    return name.substr(0, 64);
}

void keep_own(Value& root) {
    std::erase_if(root.members, [](const Member& member) {
        return std::find(own_keys.begin(), own_keys.end(), member.key) == own_keys.end();
    });
}

// Routes of the main config lead to providers of the main config only.
void drop_foreign_routes(Config& config) {
    Router& router = config.router;
    for (TargetRef* route : {&router.default_target, &router.background, &router.think,
                             &router.long_context, &router.web_search, &router.image}) {
        if (config.find_provider(route->provider) == nullptr) *route = {};
    }
    std::erase_if(router.tiers, [&](const TargetRef& tier) {
        return config.find_provider(tier.provider) == nullptr;
    });
}

// `root` holds keys of its own only.
std::shared_ptr<Config> over(const Config& main, const std::string& filename, Value& root,
                             const Lookup& lookup, Problems& problems) {
    auto config = std::make_shared<Config>(main);
    config->source = filename;
    config->extra.clear();
    config->presets.clear();
    config->fallback.clear();
    prepare(root, lookup, problems);
    const bool own_providers = get(root, "Providers") != nullptr;
    if (own_providers) {
        config->providers.clear();
        build_providers(root, *config, problems);
    }
    if (get(root, "Router") != nullptr) {
        config->router = Router{};
    } else if (own_providers) {
        drop_foreign_routes(*config);
    }
    build_router(root, *config, problems);
    build_own(root, lookup, *config, problems);
    build_pricing(root, *config, problems);
    return config;
}

// The words stand at the top, or in an object of their own.
void describe(const Value& root, Preset& out) {
    const Member* own = get(root, "metadata");
    const Value& manifest = own != nullptr && own->value.is_object() ? own->value : root;
    out.name = get_string(manifest, "name");
    out.version = get_string(manifest, "version");
    out.description = get_string(manifest, "description");
    out.author = get_string(manifest, "author");
    out.homepage = get_string(manifest, "homepage");
    out.repository = get_string(manifest, "repository");
    out.license = get_string(manifest, "license");
    if (const Member* words = get(manifest, "keywords")) {
        for (const Value& word : words->value.items)
            if (word.is_string()) out.keywords.push_back(word.text);
    }
}

std::shared_ptr<const Config> read_manifest(std::string_view text, const std::string& filename,
                                            const Config& main, const Lookup& lookup, Preset& out,
                                            Problems& problems) {
    json5::Parsed parsed = json5::parse(text);
    for (json5::SyntaxError& error : parsed.errors)
        problems.error(error.at, "", std::move(error.message));
    if (!parsed.errors.empty()) return nullptr;
    if (!parsed.root.is_object()) {
        problems.error(
            parsed.root.at, "",
            "expected an object, found " + std::string(json5::type_name(parsed.root.type)));
        return nullptr;
    }
    describe(parsed.root, out);
    Value root = effective_config(parsed.root, problems);
    keep_own(root);
    return over(main, filename, root, lookup, problems);
}

// The whole text of a regular file of at most `limit` bytes, or why not.
Result<std::string> read_text(const fs::path& path, std::size_t limit) {
    std::error_code code;
    if (!fs::is_regular_file(path, code)) return Error(ErrorKind::io, "there is no such file");
    const auto size = fs::file_size(path, code);
    if (code) return Error(ErrorKind::io, code.message());
    if (size > limit) return Error(ErrorKind::io, "is larger than 1 MiB");
    std::ifstream file(path, std::ios::binary);
    std::string text(limit + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!file.eof()) {
        return Error(ErrorKind::io,
                     text.size() > limit ? "is larger than 1 MiB" : "cannot be read");
    }
    return text;
}

bool archive(const fs::path& path) {
    constexpr std::array<std::string_view, 9> endings{".zip", ".tar", ".gz", ".tgz", ".xz",
                                                      ".bz2", ".zst", ".7z", ".rar"};
    const std::string name = lower(path.filename().string());
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

// "DIR/…" whatever symlinks stand in between.
bool inside(const fs::path& directory, const fs::path& path) {
    std::error_code code;
    const fs::path base = fs::canonical(directory, code);
    if (code) return false;
    const fs::path real = fs::canonical(path, code);
    return !code && real.string().starts_with(base.string() + "/");
}

class Folder {
  public:
    Folder(fs::path root, const std::shared_ptr<const Config>& main, const Lookup& lookup,
           Presets& out)
        : root_(std::move(root)), main_(main), lookup_(lookup), out_(out) {}

    void read() {
        std::vector<fs::path> entries;
        std::error_code code;
        fs::directory_iterator each(root_, fs::directory_options::skip_permission_denied, code);
        if (code == std::errc::no_such_file_or_directory) return;
        for (; !code && each != fs::directory_iterator(); each.increment(code)) {
            if (entries.size() > 16 * max_presets) break;
            entries.push_back(each->path());
        }
        if (code) complain(root_.string(), "cannot be read: " + code.message());
        std::sort(entries.begin(), entries.end());
        for (const fs::path& entry : entries)
            visit(entry);
    }

  private:
    void complain(const std::string& file, std::string message,
                  Severity severity = Severity::error) {
        out_.problems.push_back({severity, file, 0, 0, "", std::move(message), ""});
    }

    void visit(const fs::path& entry) {
        const std::string id = entry.filename().string();
        std::error_code code;
        if (!fs::is_directory(entry, code)) {
            if (archive(entry)) {
                complain(entry.string(),
                         "archives are not read; unpack it into a directory of its own");
            } else if (!id.starts_with('.')) {
                complain(entry.string(), "is no directory, left out", Severity::warning);
            }
            return;
        }
        if (!preset_name(id)) {
            return complain(root_.string(),
                            "\"" + shown(id) + "\": " + std::string(preset_name_rule));
        }
        const fs::path manifest = entry / "manifest.json";
        if (!inside(root_, entry) || (fs::exists(manifest, code) && !inside(entry, manifest))) {
            return complain(entry.string(), "leads out of the presets' directory, left out");
        }
        if (out_.list.size() >= max_presets) {
            if (!full_) {
                complain(root_.string(), "holds more than " + std::to_string(max_presets) +
                                             " presets; the rest is left out");
            }
            full_ = true;
            return;
        }
        load(id, manifest);
    }

    void load(const std::string& id, const fs::path& manifest) {
        const auto text = read_text(manifest, max_manifest);
        if (!text) return complain(manifest.string(), text.error().detail);
        LoadedPreset loaded = load_manifest(*text, manifest.string(), *main_, lookup_);
        std::move(loaded.problems.begin(), loaded.problems.end(),
                  std::back_inserter(out_.problems));
        if (!loaded.preset.config) return;
        loaded.preset.id = id;
        if (loaded.preset.name.empty()) loaded.preset.name = id;
        out_.list.push_back(std::move(loaded.preset));
    }

    fs::path root_;
    const std::shared_ptr<const Config>& main_;
    const Lookup& lookup_;
    Presets& out_;
    bool full_ = false;
};

Transformer transformer(std::string name, std::string model, std::string option, double number,
                        json5::Position at) {
    Value value{.type = json5::Type::number, .at = at, .number = number};
    append_number(value.text, number);
    Transformer out{.name = std::move(name), .model = std::move(model), .options = {}, .at = at};
    out.options = {.type = json5::Type::object, .at = at};
    out.options.members.push_back({std::move(option), at, std::move(value)});
    return out;
}

// Every request of such a preset goes to its one target.
Preset of_inline(const InlinePreset& entry, const Config& main) {
    auto config = std::make_shared<Config>(main);
    config->extra.clear();
    config->presets.clear();
    config->fallback.clear();
    config->custom_router = {};
    config->router = Router{};
    config->router.default_target = entry.route;
    config->router.ignore_direct = true;
    config->router.force_non_streaming = main.router.force_non_streaming;
    for (Provider& provider : config->providers) {
        if (!iequals(provider.name, entry.route.provider)) continue;
        if (entry.max_tokens) {
            auto& limits = provider.model_limits;
            const auto old = provider.output_limit(entry.route.model);
            limits.insert(limits.begin(),
                          {entry.route.model, std::min(*entry.max_tokens, old.value_or(~0ULL))});
        }
        if (entry.temperature) {
            provider.transformers.push_back(transformer(
                "sampling", entry.route.model, "temperature", *entry.temperature, entry.at));
        }
    }
    Preset out;
    out.id = entry.name;
    out.name = entry.name;
    out.config = std::move(config);
    return out;
}

}  // namespace

LoadedPreset load_manifest(std::string_view text, const std::string& filename, const Config& main,
                           const Lookup& lookup) {
    Problems problems(filename);
    LoadedPreset out;
    auto config = read_manifest(text, filename, main, lookup, out.preset, problems);
    if (!problems.any_error()) out.preset.config = std::move(config);
    out.problems = problems.take();
    return out;
}

Presets load_presets(const std::string& config_dir, const std::shared_ptr<const Config>& main,
                     const Lookup& lookup) {
    Presets out;
    Folder(fs::path(config_dir) / "presets", main, lookup, out).read();
    for (const InlinePreset& entry : main->presets) {
        const auto twin = std::find_if(out.list.begin(), out.list.end(),
                                       [&](const Preset& p) { return p.id == entry.name; });
        if (twin != out.list.end()) {
            out.problems.push_back({Severity::warning, main->source, entry.at.line, entry.at.column,
                                    "Presets." + entry.name,
                                    "ignored, because there is a directory of this name", ""});
        } else if (out.list.size() < 2 * max_presets) {
            out.list.push_back(of_inline(entry, *main));
        }
    }
    std::sort(out.list.begin(), out.list.end(),
              [](const Preset& a, const Preset& b) { return a.id < b.id; });
    return out;
}

const Preset* Presets::find(std::string_view name) const {
    const Preset* named = nullptr;
    std::size_t count = 0;
    for (const Preset& preset : list) {
        if (preset.id == name) return &preset;
        if (preset.name != name) continue;
        named = &preset;
        ++count;
    }
    return count == 1 ? named : nullptr;
}

}  // namespace ccr::config
