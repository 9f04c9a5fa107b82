// SPDX-License-Identifier: MIT
#include "common/config/schema.hpp"

#include <algorithm>

namespace ccr::config {
namespace {

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto space = words.find(' ');
        if (words.substr(0, space) == word) return true;
        if (space == std::string_view::npos) break;
        words.remove_prefix(space + 1);
    }
    return false;
}

// The part of a path behind its parent, or nothing when it is not a direct child.
std::string_view below(std::string_view path, std::string_view parent) {
    if (parent.empty()) return path.find_first_of(".[") == std::string_view::npos ? path : "";
    if (!path.starts_with(parent) || path.substr(parent.size(), 1) != ".") return "";
    const std::string_view rest = path.substr(parent.size() + 1);
    return rest.find_first_of(".[") == std::string_view::npos ? rest : "";
}

}  // namespace

std::string_view Key::name() const {
    const auto dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

const Key* find_key(std::string_view generic_path) {
    const auto rows = schema();
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const Key& key) { return key.path == generic_path; });
    return found == rows.end() ? nullptr : &*found;
}

const Key* find_child(std::string_view parent, std::string_view name) {
    const Key* wildcard = nullptr;
    for (const Key& key : schema()) {
        const std::string_view child = below(key.path, parent);
        if (child.empty()) continue;
        if (child == name || has_word(key.alias, name)) return &key;
        if (child == "*") wildcard = &key;
    }
    return wildcard;
}

std::vector<std::string_view> child_names(std::string_view parent) {
    std::vector<std::string_view> out;
    for (const Key& key : schema()) {
        const std::string_view child = below(key.path, parent);
        if (!child.empty()) out.push_back(child);
    }
    return out;
}

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "a whole number";
        case Kind::milliseconds:
            return "a number of milliseconds";
        case Kind::bytes:
            return "a number of bytes";
        case Kind::real:
            return "a number";
        case Kind::string:
        case Kind::secret:
            return "a string";
        case Kind::url:
            return "a URL";
        case Kind::target:
            return "\"provider,model\"";
        case Kind::list:
            return "an array of strings";
        case Kind::secret_list:
            return "an array of strings";
        case Kind::secret_map:
            return "an object of strings";
        case Kind::object:
            return "an object";
        case Kind::array:
            return "an array";
        case Kind::string_or_object:
            return "a string or an object";
        case Kind::target_or_object:
            return "\"provider,model\" or an object";
        case Kind::any:
            return "any value";
    }
    return "any value";
}

bool is_secret(Kind kind) {
    return kind == Kind::secret || kind == Kind::secret_list || kind == Kind::secret_map;
}

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::milliseconds || kind == Kind::bytes ||
           kind == Kind::real;
}

}  // namespace ccr::config
