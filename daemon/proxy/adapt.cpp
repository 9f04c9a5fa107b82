// SPDX-License-Identifier: MIT
#include "daemon/proxy/adapt.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/text.hpp"

namespace ccr::proxy {
namespace {

constexpr std::string_view prefix = "capability_rejected: ";
// Clients leave as much free when they correct the figure themselves.
constexpr std::int64_t margin = 1'000;
constexpr std::int64_t least_output = 256;

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 11> tokens{{
    {"cache_control_field", feature::cache_control},
    {"thinking_type:enabled", feature::thinking_enabled},
    {"thinking_type:adaptive", feature::thinking_adaptive},
    {"effort_unsupported", feature::effort},
    {"structured_outputs_unsupported", feature::schema},
    {"image_block", feature::images},
    {"document_block", feature::documents},
    {"thinking_signature", feature::signatures},
    {"mid_conv_system", feature::mid_system},
    {"tool_schema", feature::tool_schema},
    {"reasoning_summary", feature::summary},
}};

json5::Value word(std::string_view text) {
    return {.type = json5::Type::string, .text = std::string(text)};
}

json5::Value thinking_value(bool adaptive) {
    json5::Value value{.type = json5::Type::object};
    value.members.push_back({"type", {}, word(adaptive ? "adaptive" : "enabled")});
    if (!adaptive) {
        value.members.push_back(
            {"budget_tokens", {}, {.type = json5::Type::number, .number = 4096, .text = "4096"}});
    }
    return value;
}

// A provider of the client's own dialect that knows only the other way to ask for thinking.
void flip_thinking(bool to_adaptive, const chat::Request& request, dialect::Overlay& overlay) {
    static const json5::Value adaptive = thinking_value(true);
    static const json5::Value enabled = thinking_value(false);
    if (!to_adaptive && request.max_tokens <= 4096) {
        overlay.thinking = false;  // there is no room for a budget
        return;
    }
    overlay.members.push_back(
        {"thinking", to_adaptive ? &adaptive : &enabled, dialect::ExtraMember::Rule::replace});
}

bool leave_out_native(std::uint32_t features, const chat::Request& request,
                      dialect::Profile& profile, dialect::Overlay& overlay) {
    using namespace feature;
    if ((features & (documents | signatures | tool_schema | summary)) != 0) return false;
    if ((features & images) != 0) profile.images = false;
    if ((features & (effort | schema | mid_system)) != 0) {
        // All of these came after the format of 2024.
        if (profile.anthropic_level != dialect::AnthropicLevel::full) return false;
        profile.anthropic_level = dialect::AnthropicLevel::y2024;
    }
    if ((features & thinking_enabled) != 0) flip_thinking(true, request, overlay);
    if ((features & thinking_adaptive) != 0) flip_thinking(false, request, overlay);
    return true;
}

void leave_out_translated(std::uint32_t features, dialect::Profile& profile) {
    using namespace feature;
    if ((features & (thinking_enabled | thinking_adaptive | effort)) != 0) {
        profile.thinking = dialect::ThinkingStyle::none;
    }
    if ((features & schema) != 0) {
        profile.json_output = profile.json_output == dialect::JsonOutput::json_schema
                                  ? dialect::JsonOutput::json_object
                                  : dialect::JsonOutput::none;
    }
    if ((features & images) != 0) profile.images = false;
    if ((features & documents) != 0) profile.documents = false;
    if ((features & signatures) != 0) profile.reasoning_return = dialect::ReasoningReturn::never;
    if ((features & mid_system) != 0) profile.mid_system = dialect::MidSystem::wrap;
    if ((features & tool_schema) != 0) profile.schema = dialect::SchemaStyle::gemini;
    if ((features & summary) != 0) profile.reasoning_summary = false;
}

// The number that begins behind `phrase`, or nothing.
std::optional<std::int64_t> number_behind(std::string_view text, std::string_view phrase) {
    const auto at = text.find(phrase);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + phrase.size());
    return to_number<std::int64_t>(text.substr(0, text.find_first_not_of("0123456789")));
}

}  // namespace

std::uint32_t refused_feature(const Error& failure) {
    std::string_view text = failure.detail;
    if (!text.starts_with(prefix)) return 0;
    text.remove_prefix(prefix.size());
    const auto* found = std::find_if(tokens.begin(), tokens.end(),
                                     [text](const auto& known) { return known.first == text; });
    return found == tokens.end() ? 0 : found->second;
}

bool leave_out(std::uint32_t features, bool native, const chat::Request& request,
               dialect::Profile& profile, dialect::Overlay& overlay) {
    if ((features & feature::cache_control) != 0) {
        overlay.drop_cache_control = true;
        profile.cache_control = false;
        profile.cache_breakpoints = false;
    }
    if (native) return leave_out_native(features, request, profile, overlay);
    leave_out_translated(features, profile);
    return true;
}

std::optional<std::int64_t> allowed_max_tokens(const Error& failure) {
    const std::string_view text = failure.detail;
    std::optional<std::int64_t> allowed;
    if (const auto input = number_behind(text, "exceed context limit: ")) {
        const auto limit = number_behind(text, " > ");
        if (limit) allowed = *limit - *input - margin;
    } else if (text.find("maximum allowed number of output tokens") != std::string_view::npos) {
        allowed = number_behind(text, " > ");
    }
    return allowed && *allowed >= least_output ? allowed : std::nullopt;
}

}  // namespace ccr::proxy
