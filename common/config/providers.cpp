// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <fstream>

#include "common/config/build.hpp"
#include "common/config/build_dispatch.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

std::optional<std::uint64_t> get_count(const Value& object, std::string_view key) {
    const auto number = get_number(object, key);
    return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

void read_timeouts(const Value& object, UpstreamTimeouts& out) {
    const auto read = [&object](std::string_view key, Millis& limit) {
        if (const auto value = get_count(object, key)) limit = Millis(*value);
    };
    read("connectTimeoutMs", out.connect);
    read("firstByteTimeoutMs", out.first_byte);
    read("idleTimeoutMs", out.idle);
}

class ProviderReader {
  public:
    ProviderReader(const Value& entry, std::string path, Problems& problems)
        : entry_(entry), path_(std::move(path)), problems_(problems) {}

    Provider run(const UpstreamTimeouts& defaults) {
        out_.at = entry_.at;
        out_.timeouts = defaults;
        read_timeouts(entry_, out_.timeouts);
        name();
        keys();
        headers();
        models();
        out_.max_output_tokens = get_count(entry_, "maxOutputTokens");
        out_.tier_name = trim(get_string(entry_, "tier_name"));
        out_.allow_streaming = get_boolean(entry_, "allow_streaming").value_or(false);
        authentication();
        build_transformers(entry_, path_, out_, problems_);
        build_endpoint(entry_, path_, out_, problems_);
        build_tokenizer(entry_, path_, out_, problems_);
        effort();
        profile();
        certificates();
        return std::move(out_);
    }

  private:
    void name() {
        out_.name = trim(get_string(entry_, "name"));
        const Member* member = entry_.find_member("name");
        if (out_.name.empty()) {
            if (member != nullptr && problems_.error_at(member->value.at)) return;
            problems_.error(member == nullptr ? entry_.at : member->value.at, path_,
                            "name is missing");
        } else if (out_.name.find(',') != std::string::npos) {
            problems_.error(member->value.at, path_ + ".name",
                            "must not contain a comma: routes are written \"provider,model\"");
        }
    }

    void keys() {
        add_key(get(entry_, "api_key"), path_ + ".api_key");
        const Member* list = get(entry_, "api_keys");
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->value.items.size(); ++i) {
            add_key(list->value.items[i], path_ + ".api_keys[" + std::to_string(i) + "]");
        }
    }

    void add_key(const Member* member, const std::string& path) {
        if (member != nullptr) add_key(member->value, path);
    }

    void add_key(const Value& value, const std::string& path) {
        const std::string_view key = trim(value.text);
        if (key.empty()) return;
        if (!header_safe(key)) {
            problems_.error(value.at, path, "contains a character that no header can carry");
            return;
        }
        const Secret secret{std::string(key)};
        if (std::find(out_.keys.begin(), out_.keys.end(), secret) == out_.keys.end()) {
            out_.keys.push_back(secret);
        }
    }

    static bool header_safe(std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
        });
    }

    static bool header_name(std::string_view text) {
        constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
        return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
            const char low = ascii_lower(c);
            return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
                   marks.find(c) != std::string_view::npos;
        });
    }

    void headers() {
        // Framing and routing of the message are the router's own business.
        constexpr std::array<std::string_view, 7> reserved{
            "host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect"};
        const Member* member = get(entry_, "headers");
        if (member == nullptr) return;
        for (const Member& header : member->value.members) {
            if (!header.value.is_string()) continue;
            const std::string place = path_ + ".headers." + header.key;
            const bool taken =
                std::find(reserved.begin(), reserved.end(), lower(header.key)) != reserved.end();
            if (!header_name(header.key)) {
                problems_.error(header.key_at, place, "not a valid header name");
            } else if (taken) {
                problems_.error(header.key_at, place, "this header cannot be set");
            } else if (!header_safe(header.value.text)) {
                problems_.error(header.value.at, place,
                                "contains a character that no header can carry");
            } else {
                out_.headers.emplace_back(header.key, Secret(header.value.text));
            }
        }
    }

    void authentication() {
        const std::string version(trim(get_string(entry_, "anthropic_version")));
        if (!version.empty() && header_safe(version)) {
            out_.headers.emplace_back("anthropic-version", Secret(version));
        }
        const std::string style(trim(get_string(entry_, "auth_header")));
        if (style.empty() || iequals(style, "x-api-key")) return;
        out_.bearer_only = iequals(style, "authorization");
        if (out_.bearer_only) return;
        problems_.error(entry_.find("auth_header")->at, path_ + ".auth_header",
                        "use x-api-key or authorization; another header is set by headers");
    }

    void effort() {
        const std::string wanted = lower(trim(get_string(entry_, "force_reasoning_effort")));
        if (wanted.empty()) return;
        constexpr std::array<std::string_view, 7> words{"none", "minimal", "low", "medium",
                                                        "high", "xhigh",   "max"};
        const json5::Position at = entry_.find("force_reasoning_effort")->at;
        const std::string place = path_ + ".force_reasoning_effort";
        if (std::find(words.begin(), words.end(), wanted) == words.end()) {
            problems_.error(at, place,
                            "unknown effort; use none, minimal, low, medium, high, xhigh or max",
                            nearest(wanted, {words.begin(), words.end()}));
            return;
        }
        if (out_.dialect != Dialect::openai_chat) {
            problems_.error(at, place,
                            "only providers that speak openai have it; clients of others say "
                            "output_config.effort");
            return;
        }
        Value options{.type = json5::Type::object};
        options.members.push_back(
            {"effort", at, {.type = json5::Type::string, .at = at, .text = wanted}});
        out_.transformers.push_back({"forceeffort", "", std::move(options), at});
    }

    void models() {
        const Member* list = get(entry_, "models");
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->value.items.size(); ++i) {
            model(list->value.items[i], path_ + ".models[" + std::to_string(i) + "]");
        }
    }

    void model(const Value& value, const std::string& path) {
        if (value.is_null()) return;
        Model model;
        model.at = value.at;
        model.name = trim(value.is_string() ? value.text : get_string(value, "name"));
        if (model.name.empty()) {
            problems_.error(value.at, path, "name is missing");
            return;
        }
        const bool listed = std::any_of(out_.models.begin(), out_.models.end(),
                                        [&](const Model& m) { return m.name == model.name; });
        if (listed) problems_.warning(value.at, path, "model " + model.name + " is listed twice");
        model.context_window = get_count(value, "contextWindow");
        model.max_output_tokens = get_count(value, "maxOutputTokens");
        model.vision = get_boolean(value, "vision");
        model.tools = get_boolean(value, "tools");
        model.thinking = get_boolean(value, "thinking");
        if (!listed) out_.models.push_back(std::move(model));
    }

    void profile() {
        const Member* member = get(entry_, "profile");
        if (member == nullptr) return;
        const Value& value = member->value;
        out_.profile.at = value.at;
        if (value.is_string()) {
            out_.profile.name = trim(value.text);
            return;
        }
        if (!value.is_object()) {
            problems_.error(value.at, path_ + ".profile",
                            "expected a profile's name or an object of overrides, found " +
                                std::string(json5::type_name(value.type)));
            return;
        }
        out_.profile.overrides = value;
        std::erase_if(out_.profile.overrides.members, [this](const Member& field) {
            if (field.key != "base") return false;
            out_.profile.name = trim(field.value.text);
            return true;
        });
    }

    void certificates() {
        const Member* tls = get(entry_, "tls");
        if (tls == nullptr) return;
        out_.ca_file = paths::expand_home(get_string(tls->value, "ca_file"));
        if (out_.ca_file.empty() || std::ifstream(out_.ca_file)) return;
        problems_.error(tls->value.find("ca_file")->at, path_ + ".tls.ca_file",
                        "cannot read " + out_.ca_file);
    }

    const Value& entry_;
    std::string path_;
    Problems& problems_;
    Provider out_;
};

}  // namespace

void build_providers(const Value& root, Config& out, Problems& problems) {
    read_timeouts(root, out.timeouts);
    const Member* list = get(root, "Providers");
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
        const Value& entry = list->value.items[i];
        if (!entry.is_object()) continue;
        const std::string path = "Providers[" + std::to_string(i) + "]";
        Provider provider = ProviderReader(entry, path, problems).run(out.timeouts);
        build_provider_limits(entry, path, out.dispatch, provider, problems);
        const auto twin = std::find_if(out.providers.begin(), out.providers.end(),
                                       [&](const Provider& p) { return p.name == provider.name; });
        if (twin == out.providers.end() || provider.name.empty()) {
            out.providers.push_back(std::move(provider));
            continue;
        }
        problems.warning(entry.at, path,
                         "provider " + provider.name +
                             " replaces the one of the same name at line " +
                             std::to_string(twin->at.line));
        *twin = std::move(provider);
    }
}

}  // namespace ccr::config
