// SPDX-License-Identifier: MIT
#include "common/config/transformers.hpp"

#include <algorithm>
#include <cmath>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Value;

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto space = words.find(' ');
        if (iequals(words.substr(0, space), word)) return true;
        words = space == std::string_view::npos ? "" : words.substr(space + 1);
    }
    return false;
}

bool strings(const Value& value) {
    return value.is_string() ||
           (value.is_array() && std::all_of(value.items.begin(), value.items.end(),
                                            [](const Value& item) { return item.is_string(); }));
}

// What the option should have been; empty: it is right.
std::string wanted(const Value& value, const TransformerOption& option) {
    const double number = number_of(value).value_or(std::nan(""));
    switch (option.kind) {
        case OptionKind::boolean:
            return boolean_of(value) ? "" : "true or false";
        case OptionKind::count:
            return number >= 1 && number <= 1e9 && std::floor(number) == number
                       ? ""
                       : "a whole number from 1 to 1000000000";
        case OptionKind::number:
            return std::isfinite(number) ? "" : "a number";
        case OptionKind::string:
            if (value.is_string() && (option.values.empty() || has_word(option.values, value.text)))
                return "";
            return option.values.empty() ? "a string" : "one of " + std::string(option.values);
        case OptionKind::strings:
            return strings(value) ? "" : "an array of strings";
        case OptionKind::anything:
            return "";
    }
    return "";
}

class Reader {
  public:
    Reader(Provider& provider, Problems& problems) : provider_(provider), problems_(problems) {}

    void list(const Value* use, const std::string& model, const std::string& path) {
        if (use == nullptr || !use->is_array()) return;
        for (std::size_t i = 0; i < use->items.size(); ++i) {
            entry(use->items[i], model, path + "[" + std::to_string(i) + "]");
        }
    }

  private:
    void entry(const Value& value, const std::string& model, const std::string& path) {
        Transformer out;
        out.model = model;
        out.at = value.at;
        if (value.is_string()) {
            out.name = trim(value.text);
        } else if (pair(value)) {
            out.name = trim(value.items[0].text);
            if (value.items.size() == 2) out.options = value.items[1];
        } else {
            problems_.error(value.at, path,
                            "expected a name or [\"name\", {options}], found " +
                                std::string(json5::type_name(value.type)));
            return;
        }
        accept(std::move(out), path);
    }

    static bool pair(const Value& value) {
        const bool sized = value.items.size() == 1 || value.items.size() == 2;
        return value.is_array() && sized && value.items[0].is_string() &&
               (value.items.size() == 1 || value.items[1].is_object() || value.items[1].is_null());
    }

    void accept(Transformer transformer, const std::string& path) {
        const TransformerSpec* spec = find_transformer(transformer.name);
        if (spec == nullptr) return unknown(transformer, path);
        if (!transformer.model.empty() && other_protocol(spec->speaks)) {
            problems_.error(transformer.at, path,
                            "a provider speaks one protocol: transformer " + transformer.name +
                                " cannot stand in the list of one model; make a provider of its "
                                "own for that model");
            return;
        }
        if (!options_fit(transformer, *spec, path)) return;
        if (spec->name == "maxtoken") max_token(transformer);
        const Value* bearer = transformer.options.find("UseBearer");
        if (bearer != nullptr && boolean_of(*bearer).value_or(false)) provider_.bearer_only = true;
        provider_.transformers.push_back(std::move(transformer));
    }

    static bool other_protocol(Speaks speaks) {
        return speaks == Speaks::gemini || speaks == Speaks::openai_responses ||
               speaks == Speaks::vertex;
    }

    void unknown(const Transformer& transformer, const std::string& path) {
        std::vector<std::string_view> names;
        for (const TransformerSpec& spec : transformer_specs())
            names.push_back(spec.name);
        std::string message = "there is no transformer " + transformer.name +
                              "; remove it, or say what the provider needs by customparams, "
                              "Providers[].profile or Providers[].headers";
        problems_.error(transformer.at, path, std::move(message), nearest(transformer.name, names));
    }

    bool options_fit(const Transformer& transformer, const TransformerSpec& spec,
                     const std::string& path) {
        bool fit = true;
        for (const json5::Member& member : transformer.options.members) {
            const auto option = find(spec, member.key);
            if (option == spec.options.end()) {
                if (!spec.free_options) unknown_option(member, spec, path);
                fit = fit && spec.free_options;
                continue;
            }
            const std::string right = wanted(member.value, *option);
            if (right.empty()) continue;
            fit = false;
            problems_.error(member.value.at, path + "." + member.key, "expected " + right);
        }
        for (const TransformerOption& option : spec.options) {
            if (!option.required || transformer.options.find(option.name) != nullptr) continue;
            fit = false;
            problems_.error(transformer.at, path,
                            transformer.name + " needs {" + std::string(option.name) + ": ...}");
        }
        return fit;
    }

    static std::span<const TransformerOption>::iterator find(const TransformerSpec& spec,
                                                             std::string_view name) {
        return std::find_if(
            spec.options.begin(), spec.options.end(),
            [name](const TransformerOption& option) { return option.name == name; });
    }

    void unknown_option(const json5::Member& member, const TransformerSpec& spec,
                        const std::string& path) {
        std::vector<std::string_view> names;
        for (const TransformerOption& option : spec.options)
            names.push_back(option.name);
        problems_.error(member.key_at, path + "." + member.key,
                        "transformer " + std::string(spec.name) + " has no such option",
                        nearest(member.key, names));
    }

    void max_token(const Transformer& transformer) {
        const double number = number_of(*transformer.options.find("max_tokens")).value_or(1);
        const auto tokens = static_cast<std::uint64_t>(number);
        if (transformer.model.empty()) {
            auto& all = provider_.max_output_tokens;
            all = std::min(all.value_or(tokens), tokens);
        } else {
            provider_.model_limits.emplace_back(transformer.model, tokens);
        }
    }

    Provider& provider_;
    Problems& problems_;
};

}  // namespace

void build_transformers(const Value& entry, const std::string& path, Provider& provider,
                        Problems& problems) {
    const json5::Member* member = get(entry, "transformer");
    if (member == nullptr) return;
    Reader reader(provider, problems);
    const std::string place = path + ".transformer";
    reader.list(member->value.find("use"), "", place + ".use");
    for (const json5::Member& model : member->value.members) {
        if (model.key == "use") continue;
        reader.list(model.value.find("use"), model.key, place + "." + model.key + ".use");
    }
}

}  // namespace ccr::config
