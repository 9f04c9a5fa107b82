// SPDX-License-Identifier: MIT
#include "common/config/tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "common/config/interpolate.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Type;
using json5::Value;

std::string join(std::string_view parent, std::string_view name) {
    std::string out(parent);
    if (!out.empty()) out += '.';
    return out += name;
}

// Keys by which people write remarks into strict JSON.
bool remark(std::string_view key) {
    return key.starts_with("_comment") || key.starts_with("//") || key == "$schema";
}

std::string limit_text(double value) {
    std::string out;
    append_number(out, value);
    return out;
}

class Preparer {
  public:
    Preparer(const Lookup& lookup, Problems& problems) : lookup_(lookup), problems_(problems) {}

    Prepared run(Value& root) {
        members(root, "", "");
        return std::move(out_);
    }

  private:
    // `key` is the schema row for the value, or nullptr below one that takes anything.
    void value(Value& value, const Key* key, const std::string& path) {
        if (value.is_string()) expand_text(value, key, path);
        if (key == nullptr || key->kind == Kind::any) {
            descend_freely(value, path);
            return;
        }
        // An empty field of a form, or an empty variable.
        if (value.is_string() && (is_number(key->kind) || key->kind == Kind::boolean) &&
            trim(value.text).empty()) {
            value = Value{.at = value.at};
        }
        if (value.is_null()) return;
        if (!fits(value, *key)) {
            problems_.error(
                value.at, path,
                "expected " + std::string(kind_name(key->kind)) + ", found " + found(value));
            value = Value{.at = value.at};
            return;
        }
        if (is_number(key->kind)) check_range(value, *key, path);
        descend(value, *key, path);
    }

    void descend(Value& value, const Key& key, const std::string& path) {
        if (value.is_object()) members(value, key.path, path);
        const Key* element = find_key(std::string(key.path) + "[]");
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            const std::string place = path + "[" + std::to_string(i) + "]";
            this->value(value.items[i], element == nullptr ? element_of(key) : element, place);
        }
    }

    // Lists of strings have no row for their elements; the list's own kind says what they are.
    static const Key* element_of(const Key& list) {
        static constexpr Key text{.path = "[]", .kind = Kind::string};
        static constexpr Key secret{.path = "[]", .kind = Kind::secret};
        return is_secret(list.kind) ? &secret : &text;
    }

    void descend_freely(Value& value, const std::string& path) {
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            this->value(value.items[i], nullptr, path + "[" + std::to_string(i) + "]");
        }
        for (Member& member : value.members) {
            this->value(member.value, nullptr, join(path, member.key));
        }
    }

    void members(Value& object, std::string_view row, const std::string& path) {
        std::erase_if(object.members, [&](const Member& member) {
            if (!remark(member.key)) return false;
            out_.extra.push_back({join(path, member.key), member.key_at, member.value});
            return true;
        });
        for (Member& member : object.members) {
            const Key* key = find_child(row, member.key);
            if (key == nullptr) {
                unknown(member, row, path);
                continue;
            }
            if (key->name() != "*" && !canonical(object, member, *key, path)) continue;
            const std::string place = join(path, member.key);
            value(member.value, key, place);
            if (key->use == Use::kept && !member.value.is_null()) {
                problems_.warning(member.key_at, place,
                                  "has no effect in this version" +
                                      std::string(key->note.empty() ? "" : "; ") +
                                      std::string(key->note));
                out_.extra.push_back({place, member.key_at, member.value});
            }
        }
    }

    // Gives an alias its proper name; false when the proper one (or an earlier alias) is there too.
    bool canonical(Value& object, Member& member, const Key& key, const std::string& path) {
        const std::string_view name = key.name();
        if (member.key == name) return true;
        if (const Member* proper = object.find_member(name)) {
            problems_.warning(member.key_at, join(path, member.key),
                              "ignored, because " + std::string(name) + " at line " +
                                  std::to_string(proper->key_at.line) + " means the same");
            return false;
        }
        member.key = name;
        return true;
    }

    void unknown(Member& member, std::string_view row, const std::string& path) {
        const std::string place = join(path, member.key);
        problems_.warning(member.key_at, place, "unknown key, ignored",
                          nearest(member.key, child_names(row)));
        value(member.value, nullptr, place);
        out_.extra.push_back({place, member.key_at, member.value});
    }

    void expand_text(Value& value, const Key* key, const std::string& path) {
        const bool secret = key != nullptr && is_secret(key->kind);
        Expanded expanded = expand(value.text, lookup_);
        if (!expanded.used_variable && key != nullptr && credential(*key, path, value.text)) {
            out_.has_literal_key = true;
        }
        const bool needed = secret || (key != nullptr && key->kind == Kind::url);
        for (const std::string& name : expanded.undefined)
            undefined(name, needed, value.at, path);
        value.text = std::move(expanded.text);
    }

    // Whether this text would hurt its owner if others read it. Most headers would not.
    static bool credential(const Key& key, std::string_view path, std::string_view text) {
        constexpr std::array<std::string_view, 5> telling{"auth", "key", "token", "secret",
                                                          "cookie"};
        if (text.empty()) return false;
        if (key.kind == Kind::url) return text.find('@') != std::string_view::npos;
        if (!key.path.ends_with(".headers.*")) return is_secret(key.kind);
        const std::string_view header = path.substr(path.rfind('.') + 1);
        return std::any_of(telling.begin(), telling.end(),
                           [header](std::string_view word) { return icontains(header, word); });
    }

    void undefined(const std::string& name, bool needed, json5::Position at,
                   const std::string& path) {
        const std::string what = "variable " + name + " is not defined";
        if (needed) {
            problems_.error(at, path,
                            what +
                                "; set it in the environment or as a credential, or give a "
                                "default: ${" +
                                name + ":-...}");
        } else {
            problems_.warning(at, path, what + "; the text is left as it is");
        }
    }

    static std::string found(const Value& value) {
        // A string's content might be a secret in the wrong place.
        return std::string(json5::type_name(value.type));
    }

    static bool fits(const Value& value, const Key& key) {
        switch (key.kind) {
            case Kind::boolean:
                return boolean_of(value).has_value();
            case Kind::integer:
            case Kind::milliseconds:
            case Kind::bytes: {
                const auto number = number_of(value);
                return number && std::isfinite(*number) && std::floor(*number) == *number;
            }
            case Kind::real: {
                const auto number = number_of(value);
                return number && std::isfinite(*number);
            }
            case Kind::string:
            case Kind::secret:
            case Kind::url:
            case Kind::target:
                return value.is_string();
            case Kind::list:
                return value.is_array() || value.is_string();
            case Kind::secret_list:
            case Kind::array:
                return value.is_array();
            case Kind::secret_map:
            case Kind::object:
                return value.is_object();
            case Kind::string_or_object:
            case Kind::target_or_object:
                return value.is_string() || value.is_object();
            case Kind::any:
                return true;
        }
        return true;
    }

    void check_range(Value& value, const Key& key, const std::string& path) {
        const double number = number_of(value).value_or(0);
        if (key.min == key.max || (number >= key.min && number <= key.max)) return;
        problems_.error(value.at, path,
                        "must be between " + limit_text(key.min) + " and " + limit_text(key.max) +
                            ", not " + limit_text(number));
        value = Value{.at = value.at};
    }

    const Lookup& lookup_;
    Problems& problems_;
    Prepared out_;
};

}  // namespace

Prepared prepare(Value& root, const Lookup& lookup, Problems& problems) {
    return Preparer(lookup, problems).run(root);
}

std::optional<double> number_of(const Value& value) {
    if (value.is(Type::number)) return value.number;
    if (value.is_string()) return to_number<double>(trim(value.text));
    return std::nullopt;
}

std::optional<bool> boolean_of(const Value& value) {
    if (value.is(Type::boolean)) return value.boolean;
    if (!value.is_string()) return std::nullopt;
    if (iequals(value.text, "true") || value.text == "1") return true;
    if (iequals(value.text, "false") || value.text == "0") return false;
    return std::nullopt;
}

std::string resolve_path(std::string_view path, const std::string& config_file) {
    const std::filesystem::path wanted = paths::expand_home(path);
    if (wanted.is_absolute()) return wanted.string();
    return (std::filesystem::path(config_file).parent_path() / wanted).string();
}

const Member* get(const Value& object, std::string_view key) {
    const Member* member = object.find_member(key);
    return member == nullptr || member->value.is_null() ? nullptr : member;
}

std::optional<double> get_number(const Value& object, std::string_view key) {
    const Member* member = get(object, key);
    return member == nullptr ? std::nullopt : number_of(member->value);
}

std::optional<bool> get_boolean(const Value& object, std::string_view key) {
    const Member* member = get(object, key);
    return member == nullptr ? std::nullopt : boolean_of(member->value);
}

std::string get_string(const Value& object, std::string_view key) {
    const Member* member = get(object, key);
    return member == nullptr ? std::string() : member->value.text;
}

std::vector<std::string> get_list(const Value& object, std::string_view key) {
    std::vector<std::string> out;
    const Member* member = get(object, key);
    if (member == nullptr) return out;
    const auto add = [&out](std::string_view part) {
        part = trim(part);
        if (!part.empty()) out.emplace_back(part);
    };
    for (const Value& item : member->value.items)
        add(item.text);
    std::string_view rest = member->value.text;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        add(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    }
    return out;
}

}  // namespace ccr::config
