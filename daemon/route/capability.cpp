// SPDX-License-Identifier: MIT
#include "daemon/route/capability.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace ccr::route {
namespace {

struct NameRow {
    std::string_view part;    // of the model's name in lower case
    std::string_view unless;  // names with this in them are another row's; empty: none
    bool sees;
};

// The first row whose part occurs decides, so exceptions stand before their families.
constexpr NameRow name_rows[] = {
    // said by the name itself
    {"-vl", "", true},
    {"vision", "", true},
    {"omni", "", true},
    {"multimodal", "", true},
    {"pixtral", "", true},
    {"llava", "", true},
    {"minicpm-v", "", true},
    {"minicpm-o", "", true},
    {"moondream", "", true},
    {"internvl", "", true},
    {"janus", "", true},
    {"deepseek-ocr", "", true},
    // OpenAI
    {"gpt-oss", "", false},
    {"gpt-3.5", "", false},
    {"gpt-4o", "", true},
    {"chatgpt-4o", "", true},
    {"gpt-4.1", "", true},
    {"gpt-4.5", "", true},
    {"gpt-4-turbo", "", true},
    {"gpt-5", "", true},
    {"gpt-4", "", false},
    {"o1-mini", "", false},
    {"o3-mini", "", false},
    {"codex-mini", "", true},
    // Anthropic, Google
    {"claude-2", "", false},
    {"claude-instant", "", false},
    {"claude", "", true},
    {"gemini", "", true},
    {"gemma-3-1b", "", false},
    {"gemma3:1b", "", false},
    {"gemma-3", "", true},
    {"gemma3", "", true},
    {"gemma-4", "", true},
    {"gemma4", "", true},
    {"gemma", "", false},
    // xAI
    {"grok-code", "", false},
    {"grok-3", "", false},
    {"grok-2", "", false},
    {"grok-4", "", true},
    {"grok-5", "", true},
    // Meta
    {"llama-4", "", true},
    {"llama4", "", true},
    {"llama-3", "", false},
    {"llama3", "", false},
    {"llama-2", "", false},
    {"llama2", "", false},
    // Mistral
    {"devstral", "", false},
    {"codestral", "", false},
    {"magistral", "", true},
    {"mistral-small-24", "", false},
    {"mistral-small:24", "", false},
    {"mistral-small", "", true},
    {"mistral-medium", "", true},
    {"ministral-3", "", true},
    {"mistral-large-3", "", true},
    {"mixtral", "", false},
    {"mistral-7b", "", false},
    {"mistral-nemo", "", false},
    // China
    {"deepseek-chat", "", false},
    {"deepseek-reasoner", "", false},
    {"deepseek-coder", "", false},
    {"deepseek-r1", "", false},
    {"deepseek-v3", "", false},
    {"kimi-k2-", "", false},
    {"kimi-k2:", "", false},
    {"kimi-k2.", "", true},
    {"kimi-k3", "", true},
    {"kimi-latest", "", true},
    {"qwq", "", false},
    {"qvq", "", true},
    {"qwen3-coder", "", false},
    {"qwen3.5", "", true},
    {"qwen3.6", "", true},
    {"qwen3-max", "", false},
    {"qwen-max", "", false},
    {"qwen-turbo", "", false},
    {"qwen2.5-coder", "", false},
    {"minimax-m1", "", false},
    {"minimax-m2", "", false},
    {"ernie-4.5-vl", "", true},
    {"doubao-seed", "doubao-seed-code", true},
    {"phi-4-multimodal", "", true},
    {"phi-", "", false},
};

// "o3", "o4-mini", "openai/o1-pro": too short to search for.
bool is_o_series(std::string_view base) {
    return base.size() >= 2 && base[0] == 'o' && base[1] >= '1' && base[1] <= '9' &&
           (base.size() == 2 || base[2] == '-');
}

// glm-4.5v, glm-4v-plus, glm-5v: a v behind the number; without one GLM 4 and 5 read text only.
std::optional<bool> glm_sees(std::string_view name) {
    const auto at = name.find("glm-");
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = name.substr(at + 4);
    for (std::size_t i = 1; i < rest.size(); ++i)
        if (rest[i] == 'v' && rest[i - 1] >= '0' && rest[i - 1] <= '9') return true;
    const bool known = rest.starts_with('4') || rest.starts_with('5');
    return known ? std::optional(false) : std::nullopt;
}

Ability ability(bool can) {
    return can ? Ability::yes : Ability::no;
}

// What the provider's part of the config says on purpose outranks a name.
std::optional<bool> images_override(const Provider& provider) {
    const auto& overrides = provider.config->profile.overrides;
    const auto* said = overrides.is_object() ? overrides.find("images") : nullptr;
    if (said == nullptr || !said->is(json5::Type::boolean)) return std::nullopt;
    return said->boolean;
}

Ability can_see_with(const Provider& provider, const config::Model* listed, std::string_view model,
                     const dialect::Profile& profile) {
    if (listed != nullptr && listed->vision) return ability(*listed->vision);
    if (const auto said = images_override(provider)) return ability(*said);
    // A row says no on purpose, and what a provider does not take its models do not get; yes is
    // only the rows' default.
    return profile.images ? sees_by_name(model) : Ability::no;
}

bool holds_image(const chat::Blocks& blocks) {
    return std::any_of(blocks.begin(), blocks.end(), [](const chat::Block& block) {
        if (std::holds_alternative<chat::Image>(block)) return true;
        const auto* result = std::get_if<chat::ToolResult>(&block);
        if (result != nullptr) return holds_image(result->content);
        const auto* document = std::get_if<chat::Document>(&block);
        return document != nullptr && holds_image(document->content);
    });
}

}  // namespace

Ability sees_by_name(std::string_view model) {
    const std::string name = lower(model);
    const auto slash = name.rfind('/');
    const std::string_view base =
        std::string_view(name).substr(slash == std::string::npos ? 0 : slash + 1);
    if (const auto glm = glm_sees(name)) return ability(*glm);
    for (const NameRow& row : name_rows) {
        if (name.find(row.part) == std::string::npos) continue;
        if (!row.unless.empty() && name.find(row.unless) != std::string::npos) continue;
        return ability(row.sees);
    }
    return is_o_series(base) ? Ability::yes : Ability::unknown;
}

Ability can_see(const Provider& provider, std::string_view model) {
    return can_see_with(provider, provider.config->find_model(model), model,
                        dialect::for_model(provider.profile_for(model), model));
}

Capability capability(const Provider& provider, std::string_view model) {
    const auto* listed = provider.config->find_model(model);
    const auto profile = dialect::for_model(provider.profile_for(model), model);
    Capability out;
    out.images = can_see_with(provider, listed, model, profile);
    if (listed != nullptr) {
        if (listed->tools) out.tools = ability(*listed->tools);
        if (listed->thinking) out.thinking = ability(*listed->thinking);
        out.context_window = static_cast<std::int64_t>(listed->context_window.value_or(0));
    }
    return out;
}

dialect::Profile target_profile(const Provider& provider, std::string_view model) {
    for (const auto& [name, profile] : provider.target_profiles) {
        if (name == model) return profile;
    }
    const auto* listed = provider.config->find_model(model);
    auto profile = dialect::for_model(provider.profile_for(model), model);
    const Ability images = can_see_with(provider, listed, model, profile);
    if (images != Ability::unknown) profile.images = images == Ability::yes;
    const auto thinks = listed != nullptr ? listed->thinking : std::nullopt;
    if (thinks && !*thinks) profile.thinking = dialect::ThinkingStyle::none;
    if (thinks && *thinks && profile.thinking == dialect::ThinkingStyle::none) {
        profile.thinking = dialect::ThinkingStyle::reasoning_effort;
    }
    return profile;
}

bool image_in_last_turn(const chat::Request& request) {
    const auto before = std::find_if(
        request.messages.rbegin(), request.messages.rend(),
        [](const chat::Message& message) { return message.role == chat::Role::assistant; });
    return std::any_of(request.messages.rbegin(), before, [](const chat::Message& message) {
        return message.role == chat::Role::user && holds_image(message.content);
    });
}

bool image_anywhere(const chat::Request& request) {
    return std::any_of(request.messages.begin(), request.messages.end(),
                       [](const chat::Message& message) { return holds_image(message.content); });
}

}  // namespace ccr::route
