// SPDX-License-Identifier: MIT
// `ccr config`: where the configuration is, what it says, and one change to it.
#include <algorithm>

#include "common/config/mask.hpp"
#include "common/config/schema.hpp"
#include "common/config/text_edit.hpp"
#include "common/config/tree_edit.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/edit.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

using config::Key;
using config::Kind;

std::string quoted(std::string_view text) {
    return json5::to_json({.type = json5::Type::string, .text = std::string(text)});
}

bool is_json(std::string_view text, std::initializer_list<json5::Type> types) {
    const json5::Parsed parsed = json5::parse(text);
    return parsed.errors.empty() &&
           std::find(types.begin(), types.end(), parsed.root.type) != types.end();
}

// The value as JSON. What the key wants decides: a model's name may look like a number.
std::string value_text(const Key* key, const std::string& word) {
    using json5::Type;
    const Kind kind = key == nullptr ? Kind::any : key->kind;
    const auto plain = [&](std::initializer_list<Type> types) {
        return is_json(word, types) ? word : quoted(word);
    };
    if (config::is_number(kind)) return plain({Type::number, Type::null});
    switch (kind) {
        case Kind::boolean:
            return plain({Type::boolean, Type::null});
        case Kind::list:
        case Kind::array:
        case Kind::secret_list:
            return plain({Type::array, Type::null});
        case Kind::object:
        case Kind::secret_map:
        case Kind::string_or_object:
        case Kind::target_or_object:
            return plain({Type::object, Type::null});
        case Kind::any:
            return plain(
                {Type::object, Type::array, Type::number, Type::boolean, Type::null, Type::string});
        default:
            return quoted(word);
    }
}

bool holds_secret(const Key* key, const std::vector<config::PathPart>& path) {
    if (key == nullptr || key->kind == Kind::any) return config::telling_name(path.back().text);
    return config::is_secret(key->kind);
}

// The path in the schema's own spelling, so that what is added is spelt that way.
std::vector<config::PathPart> canonical(std::vector<config::PathPart> path) {
    std::vector<config::PathPart> so_far;
    for (config::PathPart& part : path) {
        so_far.push_back(part);
        const auto row = config::schema_path(so_far);
        const Key* key = row ? config::find_key(*row) : nullptr;
        if (key == nullptr || key->path.ends_with("[]") || key->name() == "*") continue;
        part.text = key->name();
    }
    return path;
}

int bad_secret(const std::string& name) {
    return complain(exit_usage,
                    name +
                        " is a secret, and other users of this machine can see a command line. "
                        "Give - in place of the value to have it asked for, or store it with \"ccr "
                        "key add NAME\" and set '${NAME}' here");
}

// The text of the file; a missing one is an empty object.
Result<std::string> text_of(const std::string& path) {
    Result<std::string> text = read_file(path, json5::max_size);
    if (!text && text.error().detail.ends_with(reason(ENOENT))) return std::string("{}\n");
    return text;
}

}  // namespace

int config_path(const Arguments& arguments) {
    const std::string path = config_file(arguments);
    out((arguments.json() ? "{\"path\":" + quoted(path) + "}" : path) + "\n");
    return exit_ok;
}

int config_show(const Arguments& arguments) {
    const std::string path = config_file(arguments);
    const Result<std::string> text = read_file(path, json5::max_size);
    if (!text) return complain_about(load_settings(path));
    json5::Parsed parsed = json5::parse(*text);
    if (!parsed.errors.empty()) return complain_about(load_settings(path));
    config::mask_secrets(parsed.root);
    const std::string wanted = arguments.operand(0);
    if (wanted.empty()) {
        out(arguments.json() ? json5::to_json(parsed.root) + "\n"
                             : config::to_pretty_json(parsed.root));
        return exit_ok;
    }
    const auto parts = config::parse_path(wanted);
    if (!parts) return complain(exit_usage, parts.error().detail);
    const json5::Value* value = config::value_at(parsed.root, *parts);
    if (value == nullptr) return complain(exit_failure, path + " does not set " + wanted);
    const bool bare = !arguments.json() && value->is_string();
    out(bare ? value->text + "\n"
             : (arguments.json() ? json5::to_json(*value) + "\n" : config::to_pretty_json(*value)));
    return exit_ok;
}

int config_set(const Arguments& arguments) {
    auto parts = config::parse_path(arguments.operand(0));
    if (!parts) return complain(exit_usage, parts.error().detail);
    const auto row = config::schema_path(*parts);
    const Key* key = row ? config::find_key(*row) : nullptr;
    std::string word = arguments.operand(1);
    const bool secret = holds_secret(key, *parts);
    if (secret && word != "-" && !word.empty() && !config::only_reference(word))
        return bad_secret(arguments.operand(0));
    if (word == "-") {
        const auto answer = ask(arguments.operand(0) + ": ", secret);
        if (!answer) return complain(exit_failure, "no value was given");
        word = *answer;
    }
    const std::string path = config_file(arguments);
    const Result<std::string> text = text_of(path);
    if (!text) return complain(exit_code_of(text.error()), text.error().detail);
    const auto changed = config::set_in_text(*text, canonical(*parts), value_text(key, word));
    if (!changed) return complain(exit_config, path + ": " + changed.error().detail);
    return save_config(path, *text, *changed);
}

int config_unset(const Arguments& arguments) {
    const auto parts = config::parse_path(arguments.operand(0));
    if (!parts) return complain(exit_usage, parts.error().detail);
    const std::string path = config_file(arguments);
    const Result<std::string> text = read_file(path, json5::max_size);
    if (!text) return complain(exit_code_of(text.error()), text.error().detail);
    const auto changed = config::remove_from_text(*text, *parts);
    if (!changed) return complain(exit_config, path + ": " + changed.error().detail);
    if (*changed == *text)
        return complain(exit_failure, path + " does not set " + arguments.operand(0));
    return save_config(path, *text, *changed);
}

}  // namespace ccr::ctl
