// SPDX-License-Identifier: MIT
#include "ctl/preset_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "common/config/mask.hpp"
#include "common/config/text_edit.hpp"
#include "common/config/tree_edit.hpp"
#include "common/text.hpp"
#include "ctl/files.hpp"

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;
using json5::Value;

constexpr std::string_view values_key = "userValues.";

std::string text_of(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr && value->is_string() ? value->text : std::string();
}

const Value* field_of(const Value& manifest, std::string_view id) {
    const Value* schema = manifest.find("schema");
    if (schema == nullptr) return nullptr;
    const auto found =
        std::find_if(schema->items.begin(), schema->items.end(),
                     [id](const Value& field) { return text_of(field, "id") == id; });
    return found == schema->items.end() ? nullptr : &*found;
}

std::vector<std::string> choices_of(const Value& field) {
    const Value* options = field.find("options");
    if (options != nullptr && options->is_object()) options = options->find("options");
    std::vector<std::string> out;
    if (options == nullptr) return out;
    for (const Value& option : options->items)
        out.push_back(option.is_string() ? option.text : text_of(option, "value"));
    return out;
}

std::string quoted(std::string_view text) {
    return json5::to_json({.type = json5::Type::string, .text = std::string(text)});
}

std::string listed(std::string_view words) {
    std::string out = "[";
    while (!words.empty()) {
        const auto comma = words.find(',');
        const std::string_view word = trim(words.substr(0, comma));
        if (!word.empty()) out += (out.size() > 1 ? ", " : "") + quoted(word);
        words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
    }
    return out + "]";
}

Error io(const std::string& path, int error) {
    Error out{ErrorKind::io, path + ": " + reason(error)};
    out.code = error == EACCES || error == EPERM ? "permission" : "";
    return out;
}

// Beside the presets, since what stands among them is one.
Result<std::string> fresh_directory(const std::string& config) {
    const auto slash = config.rfind('/');
    const std::string home = slash == std::string::npos ? "." : config.substr(0, slash);
    if (Result<void> made = make_directories(home); !made) return made.error();
    std::string path = home + "/.preset-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) return io(home, errno);
    return path;
}

class Removed {
  public:
    explicit Removed(std::string path) : path_(std::move(path)) {}
    ~Removed() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Removed(const Removed&) = delete;
    Removed& operator=(const Removed&) = delete;

  private:
    std::string path_;
};

// "Providers[0].api_key" of the provider "open-router" -> "OPEN_ROUTER_API_KEY"
std::string placeholder(const Value& config, const std::string& path) {
    std::string words;
    const auto parts = config::parse_path(path);
    if (parts && parts->size() > 2) {
        const Value* provider = config::value_at(config, {(*parts)[0], (*parts)[1]});
        if (provider != nullptr) words = text_of(*provider, "name") + "_";
    }
    const auto dot = path.rfind('.');
    words += dot == std::string::npos ? path : path.substr(dot + 1);
    std::string out;
    for (const char c : words) {
        const char low = ascii_lower(c);
        const bool letter = low >= 'a' && low <= 'z';
        if (letter) out += static_cast<char>(low - 32);
        if (!letter && c >= '0' && c <= '9' && !out.empty()) out += c;
        if (!letter && (c < '0' || c > '9') && !out.empty() && !out.ends_with('_')) out += '_';
    }
    while (out.ends_with('_'))
        out.pop_back();
    return out.empty() ? "SECRET" : out;
}

Value string_value(std::string text) {
    return {.type = json5::Type::string, .text = std::move(text)};
}

Value field_for(const std::string& id) {
    return {.type = json5::Type::object,
            .members = {{"id", {}, string_value(id)},
                        {"type", {}, string_value("password")},
                        {"label", {}, string_value(id)}}};
}

}  // namespace

std::string presets_directory(const std::string& config) {
    const auto slash = config.rfind('/');
    return (slash == std::string::npos ? "." : config.substr(0, slash)) + "/presets";
}

Result<Manifest> Manifest::parse(std::string text, std::string filename) {
    json5::Parsed parsed = json5::parse(text);
    if (!parsed.errors.empty()) {
        const json5::SyntaxError& first = parsed.errors.front();
        return Error{ErrorKind::config, filename + ":" + std::to_string(first.at.line) + ":" +
                                            std::to_string(first.at.column) + ": " + first.message};
    }
    if (!parsed.root.is_object()) return Error{ErrorKind::config, filename + ": holds no object"};
    Manifest out;
    out.text_ = std::move(text);
    out.filename_ = std::move(filename);
    out.tree_ = std::move(parsed.root);
    return out;
}

std::string Manifest::name() const {
    std::string own = text_of(tree_, "name");
    const Value* metadata = tree_.find("metadata");
    return own.empty() && metadata != nullptr ? text_of(*metadata, "name") : own;
}

std::vector<config::Problem> Manifest::problems(const Config& main) const {
    return config::load_manifest(text_, filename_, main, lenient_lookup()).problems;
}

std::vector<MissingValue> Manifest::missing(const Config& main) const {
    std::vector<MissingValue> out;
    // A template counts only where there are values, so that without any it would not be looked at.
    const Value* given = tree_.find("userValues");
    std::string text = text_;
    if (given == nullptr || given->members.empty()) {
        auto one = config::set_in_text(text_, {{"userValues", false}, {"", false}}, "\"\"");
        if (one) text = std::move(*one);
    }
    const auto loaded = config::load_manifest(text, filename_, main, lenient_lookup());
    for (const config::Problem& problem : loaded.problems) {
        if (problem.severity != config::Severity::error) continue;
        if (!problem.json_path.starts_with(values_key)) continue;
        MissingValue value{.id = problem.json_path.substr(values_key.size()), .label = {}};
        if (const Value* field = field_of(tree_, value.id)) {
            value.label = text_of(*field, "prompt");
            if (value.label.empty()) value.label = text_of(*field, "label");
            value.choices = choices_of(*field);
        }
        if (value.label.empty()) value.label = value.id;
        value.secret = secret(value.id);
        out.push_back(std::move(value));
    }
    return out;
}

bool Manifest::has_field(std::string_view id) const {
    return field_of(tree_, id) != nullptr;
}

bool Manifest::secret(std::string_view id) const {
    const Value* field = field_of(tree_, id);
    return field != nullptr && text_of(*field, "type") == "password";
}

Result<void> Manifest::set(std::string_view id, std::string_view value) {
    const Value* field = field_of(tree_, id);
    const std::string type = field == nullptr ? "" : text_of(*field, "type");
    std::string json = quoted(value);
    if (type == "multiselect") json = listed(value);
    if (type == "confirm" && (value == "true" || value == "false")) json = value;
    if (type == "number" && to_number<double>(value)) json = value;
    // An id is one key, whatever stands in it.
    auto changed =
        config::set_in_text(text_, {{"userValues", false}, {std::string(id), false}}, json);
    if (!changed) return changed.error();
    Result<Manifest> next = parse(std::move(*changed), filename_);
    if (!next) return next.error();
    *this = std::move(*next);
    return {};
}

Result<void> install_preset(const std::string& config, const std::string& name,
                            const std::vector<PackageFile>& files, bool replace) {
    const std::string target = presets_directory(config) + "/" + name;
    const Result<std::string> fresh = fresh_directory(config);
    if (!fresh) return fresh.error();
    const Removed remove_fresh(*fresh);
    if (Result<void> written = write_directory(*fresh + "/new", files); !written) return written;
    if (Result<void> made = make_directories(presets_directory(config)); !made) return made;
    struct stat info {};
    if (::lstat(target.c_str(), &info) == 0) {
        if (!replace) return Error{ErrorKind::io, "there is a preset " + name + " already"};
        if (::rename(target.c_str(), (*fresh + "/old").c_str()) != 0) return io(target, errno);
    }
    if (::rename((*fresh + "/new").c_str(), target.c_str()) == 0) return {};
    const int error = errno;
    static_cast<void>(::rename((*fresh + "/old").c_str(), target.c_str()));
    return io(target, error);
}

Result<bool> delete_preset(const std::string& config, const std::string& name) {
    const std::string target = presets_directory(config) + "/" + name;
    struct stat info {};
    if (::lstat(target.c_str(), &info) != 0) return false;
    // Out of the way first: half a preset is none.
    const Result<std::string> fresh = fresh_directory(config);
    if (!fresh) return fresh.error();
    const Removed remove_fresh(*fresh);
    if (::rename(target.c_str(), (*fresh + "/old").c_str()) != 0) return io(target, errno);
    return true;
}

ExportedPreset export_preset(const Value& config,
                             const std::vector<std::pair<std::string, std::string>>& metadata) {
    constexpr std::array<std::string_view, 9> carried{
        "Providers",     "providers",          "Router",  "router",    "fallback",
        "CUSTOM_ROUTER", "CUSTOM_ROUTER_PATH", "plugins", "StatusLine"};
    ExportedPreset out;
    Value manifest{.type = json5::Type::object};
    for (const auto& [key, text] : metadata)
        manifest.members.push_back({key, {}, string_value(text)});
    Value body{.type = json5::Type::object};
    for (const json5::Member& member : config.members) {
        if (std::find(carried.begin(), carried.end(), member.key) != carried.end())
            body.members.push_back(member);
    }
    config::replace_secrets(body, [&](const std::string& path) {
        std::string id = placeholder(config, path);
        // Several keys of one provider are several fields.
        const std::string stem = id;
        for (int n = 2; std::find(out.fields.begin(), out.fields.end(), id) != out.fields.end();)
            id = stem + "_" + std::to_string(n++);
        out.fields.push_back(id);
        return "#{" + id + "}";
    });
    if (!out.fields.empty()) {
        Value schema{.type = json5::Type::array};
        for (const std::string& id : out.fields)
            schema.items.push_back(field_for(id));
        manifest.members.push_back({"schema", {}, std::move(schema)});
    }
    for (json5::Member& member : body.members)
        manifest.members.push_back(std::move(member));
    out.manifest = config::to_pretty_json(manifest);
    return out;
}

}  // namespace ccr::ctl
