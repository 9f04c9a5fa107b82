// SPDX-License-Identifier: MIT
#include "daemon/dialect/schema.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace ccr::dialect {
namespace {

// How often local references are put in place of themselves before we give up on a schema that
// doubles with every level, and how deep before we take it for recursive.
constexpr unsigned max_inlined = 512;
constexpr unsigned max_inline_depth = 12;

// What stands behind a keyword.
enum class Holds : std::uint8_t { data, schema, schemas, map };

struct Keyword {
    std::string_view name;
    Holds holds;
    bool gemini;  // known to Gemini's OpenAPI subset
};
constexpr Keyword keywords[] = {
    {"type", Holds::data, true},
    {"description", Holds::data, true},
    {"properties", Holds::map, true},
    {"required", Holds::data, true},
    {"items", Holds::schema, true},
    {"enum", Holds::data, true},
    {"anyOf", Holds::schemas, true},
    {"format", Holds::data, true},
    {"title", Holds::data, true},
    {"default", Holds::data, true},
    {"nullable", Holds::data, true},
    {"minimum", Holds::data, true},
    {"maximum", Holds::data, true},
    {"minItems", Holds::data, true},
    {"maxItems", Holds::data, true},
    {"minLength", Holds::data, true},
    {"maxLength", Holds::data, true},
    {"pattern", Holds::data, true},
    {"additionalProperties", Holds::schema, false},
    {"oneOf", Holds::schemas, false},
    {"allOf", Holds::schemas, false},
    {"prefixItems", Holds::schemas, false},
    {"$defs", Holds::map, false},
    {"definitions", Holds::map, false},
    {"patternProperties", Holds::map, false},
    {"dependentSchemas", Holds::map, false},
    {"propertyNames", Holds::schema, false},
    {"additionalItems", Holds::schema, false},
    {"unevaluatedProperties", Holds::schema, false},
    {"unevaluatedItems", Holds::schema, false},
    {"contains", Holds::schema, false},
    {"not", Holds::schema, false},
    {"if", Holds::schema, false},
    {"then", Holds::schema, false},
    {"else", Holds::schema, false},
};

const Keyword& keyword(std::string_view name) {
    static constexpr Keyword unknown{"", Holds::data, false};
    const auto* found = std::find_if(std::begin(keywords), std::end(keywords),
                                     [name](const Keyword& row) { return row.name == name; });
    return found == std::end(keywords) ? unknown : *found;
}

bool dropped(std::string_view key) {
    return key == "$schema" || key == "$id";
}

bool mentions_dollar(json::Value value) {
    return value.raw().find('$') != std::string_view::npos;
}

bool is_null_schema(json::Value schema) {
    return schema["type"].str() == "null";
}

class SchemaWriter {
  public:
    SchemaWriter(json::Writer& out, SchemaStyle style, json::Value root)
        : out_(out), style_(style), root_(root) {}

    void parameters(json::Value schema) {
        out_.begin_object();
        raw_member("type", "\"object\"");
        if (!schema["properties"].is_object()) raw_member("properties", "{}");
        for (const json::Member member : schema.members()) {
            if (member.key.str() == "type") continue;
            if (member.key.str() == "properties" && !member.value.is_object()) continue;
            this->member(schema, member);
        }
        out_.end_object();
    }

    void schema(json::Value value) {
        if (style_ == SchemaStyle::plain) return plain(value);
        if (value.type() == json::Type::boolean) {
            out_.raw(value.boolean() || style_ == SchemaStyle::gemini ? "{}" : R"({"not":{}})");
        } else if (!value.is_object()) {
            out_.raw(value.raw());
        } else if (style_ == SchemaStyle::mfjs) {
            mfjs(value);
        } else {
            gemini(value);
        }
    }

  private:
    void raw_member(std::string_view key, std::string_view json) { out_.key(key).raw(json); }

    void plain(json::Value value) {
        if (!value.is_object() || !mentions_dollar(value)) {
            out_.raw(value.raw());
            return;
        }
        members(value);
    }

    void members(json::Value value) {
        out_.begin_object();
        for (const json::Member m : value.members())
            member(value, m);
        out_.end_object();
    }

    // One member of a schema in the target's style; `owner` is the schema it belongs to.
    void member(json::Value owner, const json::Member& m) {
        const std::string_view key = m.key.str();
        if (dropped(key)) return;
        const Keyword& known = keyword(key);
        if (style_ == SchemaStyle::gemini) return gemini_member(owner, m, known);
        out_.key(m.key.escaped());
        held(m.value, known.holds);
    }

    void held(json::Value value, Holds holds) {
        if (holds == Holds::map && value.is_object()) {
            out_.begin_object();
            for (const json::Member m : value.members()) {
                out_.key(m.key.escaped());
                schema(m.value);
            }
            out_.end_object();
        } else if (holds != Holds::data && value.is_array()) {
            out_.begin_array();
            for (const json::Value element : value.elements())
                schema(element);
            out_.end_array();
        } else if (holds == Holds::schema && value.type() != json::Type::boolean) {
            schema(value);
        } else {  // "additionalProperties": false and its kin are understood everywhere
            out_.raw(value.raw());
        }
    }

    // Kimi: $ref stands alone, and what stands beside anyOf belongs into its branches.
    void mfjs(json::Value value) {
        if (const json::Value reference = value["$ref"]; reference.is_string()) {
            out_.begin_object();
            raw_member("$ref", reference.raw());
            out_.end_object();
            return;
        }
        const json::Value branches = value["anyOf"];
        if (!branches.is_array() || value.size() == 1) return members(value);
        out_.begin_object();
        out_.key("anyOf").begin_array();
        for (const json::Value branch : branches.elements())
            mfjs_branch(value, branch);
        out_.end_array();
        keep_definitions(value);
        out_.end_object();
    }

    void mfjs_branch(json::Value owner, json::Value branch) {
        if (!branch.is_object() || branch["$ref"].is_string()) return schema(branch);
        out_.begin_object();
        for (const json::Member m : branch.members())
            member(branch, m);
        for (const json::Member m : owner.members()) {
            const std::string_view key = m.key.str();
            const bool stays = key == "anyOf" || key == "$defs" || key == "definitions";
            if (!stays && !branch[key]) member(owner, m);
        }
        out_.end_object();
    }

    void keep_definitions(json::Value value) {
        for (const std::string_view key : {"$defs", "definitions"}) {
            if (!value[key].is_object()) continue;
            out_.key(key);
            held(value[key], Holds::map);
        }
    }

    void gemini(json::Value value) {
        if (const json::Value reference = value["$ref"]; reference.is_string()) {
            return inlined(reference.str());
        }
        if (const json::Value only = sole_branch(value)) {
            return nullable_branch(value, only);
        }
        members(value);
    }

    // Of `anyOf: [X, null]` the X.
    static json::Value sole_branch(json::Value value) {
        json::Value found;
        bool null_seen = false;
        for (const json::Value branch : value["anyOf"].elements()) {
            if (is_null_schema(branch)) {
                null_seen = true;
            } else if (found) {
                return {};
            } else {
                found = branch;
            }
        }
        return null_seen && found.is_object() && !found["$ref"] ? found : json::Value();
    }

    void nullable_branch(json::Value owner, json::Value branch) {
        out_.begin_object();
        for (const json::Member m : branch.members())
            member(branch, m);
        for (const json::Member m : owner.members()) {
            if (m.key.str() != "anyOf" && !branch[m.key.str()]) member(owner, m);
        }
        if (!branch["nullable"]) raw_member("nullable", "true");
        out_.end_object();
    }

    void inlined(std::string_view reference) {
        const json::Value target = resolve(reference);
        if (!target || depth_ >= max_inline_depth || ++inlined_ > max_inlined) {
            out_.raw(R"({"type":"object"})");
            return;
        }
        ++depth_;
        schema(target);
        --depth_;
    }

    [[nodiscard]] json::Value resolve(std::string_view reference) const {
        for (const std::string_view place : {"$defs", "definitions"}) {
            const std::string start = "#/" + std::string(place) + "/";
            if (reference.starts_with(start)) return root_[place][reference.substr(start.size())];
        }
        return {};
    }

    void gemini_member(json::Value owner, const json::Member& m, const Keyword& known) {
        const std::string_view key = m.key.str();
        if (key == "const") {
            if (m.value.is_string() && !owner["enum"]) enumeration({m.value});
        } else if (key == "oneOf" && !owner["anyOf"]) {
            out_.key("anyOf");
            held(m.value, Holds::schemas);
        } else if (key == "enum") {
            const json::Elements elements = m.value.elements();
            std::vector<json::Value> values;
            for (const json::Value value : elements)
                values.push_back(value);
            enumeration(values);
        } else if (key == "type" && m.value.is_array()) {
            nullable_type(m.value);
        } else if (key == "format") {
            const std::string_view format = m.value.str();
            const bool text = owner["type"].str() == "string";
            if (!text || format == "enum" || format == "date-time") {
                raw_member(key, m.value.raw());
            }
        } else if (known.gemini) {
            out_.key(m.key.escaped());
            held(m.value, known.holds);
        }
    }

    // Strings only; a list of other things says less than nothing here and goes.
    void enumeration(const std::vector<json::Value>& values) {
        const bool strings = std::all_of(values.begin(), values.end(),
                                         [](json::Value value) { return value.is_string(); });
        if (!strings || values.empty()) return;
        out_.key("enum").begin_array();
        for (const json::Value value : values)
            out_.raw(value.raw());
        out_.end_array();
    }

    void nullable_type(json::Value types) {
        bool null_seen = false;
        json::Value first;
        for (const json::Value type : types.elements()) {
            if (type.str() == "null") {
                null_seen = true;
            } else if (!first) {
                first = type;
            }
        }
        if (first) raw_member("type", first.raw());
        if (null_seen) raw_member("nullable", "true");
    }

    json::Writer& out_;
    SchemaStyle style_;
    json::Value root_;
    unsigned depth_ = 0;
    unsigned inlined_ = 0;
};

bool strict_object(json::Value schema) {
    if (schema["additionalProperties"].type() != json::Type::boolean) return false;
    if (schema["additionalProperties"].boolean()) return false;
    std::unordered_set<std::string_view> required;
    for (const json::Value name : schema["required"].elements())
        required.insert(name.str());
    for (const json::Member property : schema["properties"].members()) {
        if (!required.contains(property.key.str())) return false;
    }
    return true;
}

bool strict_held(json::Value value, Holds holds) {
    if (holds == Holds::data) return true;
    if (holds == Holds::schema && value.is_object()) return strict_ready(value);
    for (const json::Member m : value.members())
        if (!strict_ready(m.value)) return false;
    for (const json::Value element : value.elements())
        if (!strict_ready(element)) return false;
    return true;
}

}  // namespace

void write_parameters(json::Writer& out, json::Value schema, SchemaStyle style) {
    if (!schema.is_object()) {
        out.raw(R"({"type":"object","properties":{}})");
        return;
    }
    const bool complete = schema["type"].str() == "object" && schema["properties"].is_object();
    if (style == SchemaStyle::plain && complete && !mentions_dollar(schema)) {
        out.raw(schema.raw());
        return;
    }
    SchemaWriter(out, style, schema).parameters(schema);
}

void write_schema(json::Writer& out, json::Value schema, SchemaStyle style) {
    SchemaWriter(out, style, schema).schema(schema);
}

bool strict_ready(json::Value schema) {
    if (!schema.is_object()) return true;
    const bool object = schema["type"].str() == "object" || schema["properties"].is_object();
    if (object && !strict_object(schema)) return false;
    for (const json::Member m : schema.members()) {
        if (!strict_held(m.value, keyword(m.key.str()).holds)) return false;
    }
    return true;
}

}  // namespace ccr::dialect
