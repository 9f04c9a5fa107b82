// SPDX-License-Identifier: MIT
#include "common/config/manifest.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "common/config/tree.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Type;
using json5::Value;

// Of a manifest's top level: what is not configuration.
constexpr std::array<std::string_view, 18> description{
    "name",    "version",  "description",    "author",     "homepage",   "repository",
    "license", "keywords", "ccrVersion",     "source",     "sourceType", "checksum",
    "schema",  "template", "configMappings", "userValues", "noServer",   "metadata"};

bool describes(std::string_view key) {
    return std::find(description.begin(), description.end(), key) != description.end();
}

// A value as it reads inside a longer text.
std::string as_text(const Value& value) {
    if (value.is_string() || value.is(Type::number)) return value.text;
    if (value.is(Type::boolean)) return value.boolean ? "true" : "false";
    if (!value.is_array()) return value.is_null() ? "" : json5::to_json(value);
    std::string out;
    for (const Value& item : value.items)
        out += (out.empty() ? "" : ",") + as_text(item);
    return out;
}

// Bytes that a copy takes, roughly.
std::size_t weight(const Value& value) {
    std::size_t out = sizeof(Value) + value.text.size();
    for (const Value& item : value.items)
        out += weight(item);
    for (const Member& member : value.members)
        out += member.key.size() + weight(member.value);
    return out;
}

bool same(const Value& a, const Value& b) {
    return a.type == b.type && json5::to_json(a) == json5::to_json(b);
}

// The values in force: defaults of the schema, the user's over them.
class Values {
  public:
    Values(const Value& manifest, Problems& problems) : problems_(problems) {
        if (const Value* schema = manifest.find("schema")) {
            for (const Value& field : schema->items)
                add_field(field);
        }
        const Value* given = manifest.find("userValues");
        if (given == nullptr) return;
        for (const Member& member : given->members)
            set(member.key, member.value);
    }

    [[nodiscard]] bool any() const { return !values_.empty(); }

    [[nodiscard]] const Value* find(std::string_view id) const {
        const auto found = std::find_if(values_.begin(), values_.end(),
                                        [id](const Member& m) { return m.key == id; });
        return found == values_.end() ? nullptr : &found->value;
    }

    // The value of a placeholder; null where there is none, which is reported if it is required.
    [[nodiscard]] Value use(std::string_view id, json5::Position at) {
        if (const Value* value = find(id)) {
            return grow(weight(*value), at) ? *value : Value{.at = at};
        }
        if (!field(id)) {
            problems_.warning(
                at, "",
                "no value and no field of the schema is named " + std::string(id.substr(0, 64)));
            return Value{.at = at};
        }
        const bool optional = std::find(optional_.begin(), optional_.end(), id) != optional_.end();
        if (!optional && std::find(missed_.begin(), missed_.end(), id) == missed_.end()) {
            missed_.emplace_back(id);
            problems_.error(at, "userValues." + std::string(id),
                            "the preset needs a value for " + std::string(id));
        }
        return Value{.at = at};
    }

    // Whether so much may still be added to the manifest; a few lines could ask for gigabytes.
    [[nodiscard]] bool grow(std::size_t bytes, json5::Position at) {
        if (bytes > room_) {
            if (room_ > 0) problems_.error(at, "", "the manifest's values make it too large");
            room_ = 0;
            return false;
        }
        room_ -= bytes;
        return true;
    }

    [[nodiscard]] bool field(std::string_view id) const {
        return std::find(fields_.begin(), fields_.end(), id) != fields_.end();
    }

    // A condition, or an array of which all must hold.
    [[nodiscard]] bool holds(const Value* when) const {
        if (when == nullptr || when->is_null()) return true;
        if (when->is_array()) {
            return std::all_of(when->items.begin(), when->items.end(),
                               [this](const Value& one) { return condition(one); });
        }
        return condition(*when);
    }

  private:
    void add_field(const Value& field) {
        const std::string id = get_string(field, "id");
        if (id.empty()) return;
        fields_.push_back(id);
        if (!get_boolean(field, "required").value_or(true)) optional_.push_back(id);
        // A field that is not asked for needs no value.
        if (const Value* when = field.find("when"); when != nullptr && !holds(when)) {
            optional_.push_back(id);
        }
        if (const Member* value = get(field, "defaultValue")) set(id, value->value);
    }

    void set(const std::string& id, const Value& value) {
        const auto found = std::find_if(values_.begin(), values_.end(),
                                        [&](const Member& m) { return m.key == id; });
        if (found != values_.end()) {
            found->value = value;
        } else {
            values_.push_back({id, {}, value});
        }
    }

    [[nodiscard]] bool condition(const Value& when) const {
        const std::string op = get_string(when, "operator");
        const Value* value = find(get_string(when, "field"));
        const Value* other = when.find("value");
        const Value null;
        const Value& left = value == nullptr ? null : *value;
        const Value& right = other == nullptr ? null : *other;
        if (op == "exists") return value != nullptr && !value->is_null();
        if (op.empty() || op == "eq") return same(left, right);
        if (op == "ne") return !same(left, right);
        if (op == "in") return among(left, right);
        if (op == "nin") return !among(left, right);
        return compare(op, number_of(left), number_of(right));
    }

    static bool among(const Value& value, const Value& list) {
        return std::any_of(list.items.begin(), list.items.end(),
                           [&](const Value& item) { return same(item, value); });
    }

    static bool compare(std::string_view op, std::optional<double> a, std::optional<double> b) {
        if (!a || !b) return false;
        if (op == "gt") return *a > *b;
        if (op == "lt") return *a < *b;
        if (op == "gte") return *a >= *b;
        return op == "lte" && *a <= *b;
    }

    Problems& problems_;
    std::size_t room_ = std::size_t{4} << 20U;
    std::vector<Member> values_;
    std::vector<std::string> fields_;
    std::vector<std::string> optional_;
    std::vector<std::string> missed_;
};

// Replaces #{id} in every string of a tree. What is filled in is not looked at again.
class Filler {
  public:
    explicit Filler(Values& values) : values_(values) {}

    void fill(Value& value) {
        if (value.is_string()) value = text(value);
        for (Value& item : value.items)
            fill(item);
        for (Member& member : value.members)
            fill(member.value);
    }

    // A string that is one placeholder takes the value as it is; others take its text.
    Value text(const Value& value) {
        const std::string_view all = value.text;
        if (all.starts_with("#{") && all.find('}') == all.size() - 1) {
            Value whole = values_.use(all.substr(2, all.size() - 3), value.at);
            whole.at = value.at;
            if (whole.is_null()) whole.type = Type::string;
            return whole;
        }
        Value out = value;
        out.text.clear();
        std::string_view rest = all;
        for (;;) {
            const auto open = rest.find("#{");
            const auto close = open == std::string_view::npos ? open : rest.find('}', open);
            out.text += rest.substr(0, close == std::string_view::npos ? close : open);
            if (close == std::string_view::npos) return out;
            out.text += as_text(values_.use(rest.substr(open + 2, close - open - 2), value.at));
            rest.remove_prefix(close + 1);
        }
    }

  private:
    Values& values_;
};

// The member of an object, made where it is missing; nullptr: this is no object.
Value* child(Value& at, std::string_view key) {
    if (at.is_null()) at.type = Type::object;
    if (!at.is_object() || key.empty()) return nullptr;
    for (Member& member : at.members) {
        if (member.key == key) return &member.value;
    }
    at.members.push_back({std::string(key), at.at, {.at = at.at}});
    return &at.members.back().value;
}

// The same for the element that "[N]" asks for.
Value* element(Value& at, std::string_view digits, Values& room) {
    constexpr std::size_t most_items = 1024;
    const auto index = to_number<std::size_t>(digits);
    if (!index || *index >= most_items) return nullptr;
    if (at.is_null()) at.type = Type::array;
    if (!at.is_array()) return nullptr;
    if (at.items.size() <= *index) {
        const std::size_t more = *index + 1 - at.items.size();
        if (!room.grow(more * sizeof(Value), at.at)) return nullptr;
        at.items.resize(*index + 1);
    }
    return &at.items[*index];
}

// Sets "A[0].b", making what is missing on the way. False: no such path can be made.
bool set_path(Value& root, std::string_view path, Value value, Values& room) {
    constexpr std::size_t longest = 256;
    if (path.empty() || path.size() > longest) return false;
    Value* at = &root;
    while (!path.empty() && at != nullptr) {
        if (path.front() == '[') {
            const auto close = path.find(']');
            if (close == std::string_view::npos) return false;
            at = element(*at, path.substr(1, close - 1), room);
            path.remove_prefix(close + 1);
        } else {
            const auto end = std::min(path.find_first_of(".["), path.size());
            at = child(*at, path.substr(0, end));
            path.remove_prefix(end);
        }
        if (path.starts_with('.')) path.remove_prefix(1);
    }
    if (at != nullptr) *at = std::move(value);
    return at != nullptr;
}

void apply_mappings(const Value& manifest, Values& values, Value& out, Problems& problems) {
    const Value* list = manifest.find("configMappings");
    if (list == nullptr) return;
    Filler filler(values);
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        const Value& mapping = list->items[i];
        const Value* value = mapping.find("value");
        if (value == nullptr || !values.holds(mapping.find("when"))) continue;
        Value filled = *value;
        filler.fill(filled);
        const std::string target = get_string(mapping, "target");
        if (set_path(out, target, std::move(filled), values)) continue;
        problems.error(mapping.at, "configMappings[" + std::to_string(i) + "].target",
                       "is no path into the configuration");
    }
}

void apply_paths(const Value& manifest, Values& values, Value& out, Problems& problems) {
    const Value* given = manifest.find("userValues");
    if (given == nullptr) return;
    for (const Member& member : given->members) {
        if (member.key.find_first_of(".[") == std::string::npos) continue;
        if (set_path(out, member.key, member.value, values)) continue;
        problems.error(member.key_at, "userValues." + member.key,
                       "is no path into the configuration");
    }
}

}  // namespace

Value effective_config(const Value& manifest, Problems& problems) {
    Values values(manifest, problems);
    const Value* base = manifest.find("template");
    const bool from_template = values.any() && base != nullptr && base->is_object();
    Value out = from_template ? *base : manifest;
    std::erase_if(out.members, [&](const Member& member) {
        return describes(member.key) ||
               (values.field(member.key) && find_child("", member.key) == nullptr);
    });
    Filler(values).fill(out);
    apply_mappings(manifest, values, out, problems);
    apply_paths(manifest, values, out, problems);
    return out;
}

}  // namespace ccr::config
