// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Value;

// Names whose whole effect the provider's protocol and quirk profile already have. The rest would
// be left out silently if it were accepted, so it is refused.
constexpr std::array<std::string_view, 12> built_in{
    "deepseek", "openrouter",    "openai", "anthropic", "maxcompletiontokens", "cleancache",
    "groq",     "streamoptions", "gemini", "cerebras",  "openai-responses",    "reasoning"};

bool known(std::string_view name) {
    return std::any_of(built_in.begin(), built_in.end(),
                       [name](std::string_view known) { return iequals(known, name); });
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
               (value.items.size() == 1 || value.items[1].is_object());
    }

    void accept(Transformer transformer, const std::string& path) {
        if (iequals(transformer.name, "maxtoken")) {
            max_token(transformer, path);
        } else if (!known(transformer.name) || other_protocol_for_model(transformer)) {
            problems_.error(
                transformer.at, path,
                "transformer " + transformer.name + " is not supported by this version; remove it");
            return;
        } else if (!harmless(transformer)) {
            problems_.error(transformer.at, path,
                            "options of transformer " + transformer.name +
                                " are not supported by this version; remove them");
            return;
        }
        provider_.transformers.push_back(std::move(transformer));
    }

    // One provider speaks one protocol; a list for one model cannot change it.
    static bool other_protocol_for_model(const Transformer& transformer) {
        return !transformer.model.empty() && (iequals(transformer.name, "gemini") ||
                                              iequals(transformer.name, "openai-responses"));
    }

    static bool harmless(const Transformer& transformer) {
        if (transformer.options.members.empty()) return true;
        const Value* bearer = transformer.options.find("UseBearer");
        if (iequals(transformer.name, "anthropic") && transformer.options.members.size() == 1 &&
            bearer != nullptr && bearer->is(json5::Type::boolean)) {
            return true;  // read where the request's headers are made
        }
        const Value* enable = transformer.options.find("enable");
        return iequals(transformer.name, "reasoning") && transformer.options.members.size() == 1 &&
               enable != nullptr && boolean_of(*enable).value_or(false);
    }

    void max_token(const Transformer& transformer, const std::string& path) {
        const Value* limit = transformer.options.find("max_tokens");
        const double number = limit == nullptr ? 0 : number_of(*limit).value_or(0);
        const bool usable = number >= 1 && number <= 1e9;  // false for NaN too
        if (!usable) {
            problems_.error(transformer.at, path,
                            "maxtoken needs {max_tokens: N} with N from 1 to 1000000000");
            return;
        }
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
