// SPDX-License-Identifier: MIT
// The profile's fields as the config spells them: one row each, for overrides and for keeping the
// user's word against what a model's name suggests.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "common/text.hpp"
#include "daemon/dialect/profile.hpp"
#include "daemon/dialect/profile_fields.hpp"

namespace ccr::dialect {
namespace {

// Names of enumerators, in the order of their declaration.
template <typename Enum>
constexpr auto enum_names = 0;
template <>
constexpr auto enum_names<MaxTokensField> =
    std::to_array<std::string_view>({"max_tokens", "max_completion_tokens"});
template <>
constexpr auto enum_names<ThinkingStyle> = std::to_array<std::string_view>(
    {"none", "reasoning_effort", "deepseek", "glm", "kimi", "qwen", "minimax", "openrouter", "groq",
     "chat_template", "switches", "gemini_budget", "gemini_level"});
template <>
constexpr auto enum_names<ReasoningField> = std::to_array<std::string_view>(
    {"none", "reasoning_content", "reasoning", "reasoning_details", "think_tags", "content_parts",
     "thought_signature", "reasoning_item"});
template <>
constexpr auto enum_names<ReasoningReturn> =
    std::to_array<std::string_view>({"never", "tool_turns", "always", "always_even_empty"});
template <>
constexpr auto enum_names<ToolChoiceSupport> =
    std::to_array<std::string_view>({"full", "no_named", "no_required", "auto_only", "none"});
template <>
constexpr auto enum_names<JsonOutput> =
    std::to_array<std::string_view>({"none", "json_object", "json_schema"});
template <>
constexpr auto enum_names<MidSystem> = std::to_array<std::string_view>({"native", "wrap"});
template <>
constexpr auto enum_names<Prefill> =
    std::to_array<std::string_view>({"none", "native", "prefix", "partial"});
template <>
constexpr auto enum_names<ToolIdStyle> =
    std::to_array<std::string_view>({"any", "nine_alphanumerics"});
template <>
constexpr auto enum_names<SchemaStyle> =
    std::to_array<std::string_view>({"plain", "mfjs", "gemini"});
template <>
constexpr auto enum_names<UserField> =
    std::to_array<std::string_view>({"none", "user", "safety_identifier"});
template <>
constexpr auto enum_names<WebSearch> = std::to_array<std::string_view>(
    {"none", "openrouter_plugin", "glm_tool", "enable_search", "google_search", "web_search_tool",
     "kimi_builtin", "always", "search_settings", "web_search_options"});
template <>
constexpr auto enum_names<Effort> =
    std::to_array<std::string_view>({"unset", "none", "low", "medium", "high", "xhigh", "max"});
template <>
constexpr auto enum_names<ThinkTagMode> =
    std::to_array<std::string_view>({"strip", "convert", "keep"});
template <>
constexpr auto enum_names<AnthropicLevel> =
    std::to_array<std::string_view>({"full", "y2024", "minimal"});

// Puts the value into the field; returns what would have been right, or nothing.
using Setter = std::string (*)(Profile& profile, const json5::Value& value);
using Copier = void (*)(Profile& to, const Profile& from);

template <typename Enum>
std::string choices() {
    std::string out = "one of";
    for (const std::string_view name : enum_names<Enum>)
        out.append(out.size() > 6 ? ", '" : " '").append(name).append("'");
    return out;
}

std::string set_value(bool& field, const json5::Value& value) {
    if (value.type != json5::Type::boolean) return "true or false";
    field = value.boolean;
    return {};
}

std::string set_value(std::uint32_t& field, const json5::Value& value) {
    constexpr double most = std::numeric_limits<std::uint32_t>::max();
    const bool whole = value.type == json5::Type::number && value.number >= 0 &&
                       value.number <= most && std::floor(value.number) == value.number;
    if (!whole) return "a whole number, 0 or more";
    field = static_cast<std::uint32_t>(value.number);
    return {};
}

std::string set_value(std::string& field, const json5::Value& value) {
    if (!value.is_string() || value.text.empty()) return "a text";
    field = value.text;
    return {};
}

template <typename Enum>
std::string set_value(Enum& field, const json5::Value& value) {
    const auto& names = enum_names<Enum>;
    const auto found = std::find(names.begin(), names.end(), value.text);
    if (!value.is_string() || found == names.end()) return choices<Enum>();
    field = static_cast<Enum>(found - names.begin());
    return {};
}

template <auto Member>
std::string set_field(Profile& profile, const json5::Value& value) {
    return set_value(profile.*Member, value);
}

template <auto Member>
void copy_field(Profile& to, const Profile& from) {
    to.*Member = from.*Member;
}

struct FieldRow {
    std::string_view key;
    Setter set;
    Copier copy;
};

template <auto Member>
constexpr FieldRow row(std::string_view key) {
    return {key, set_field<Member>, copy_field<Member>};
}

constexpr FieldRow rows[] = {
    row<&Profile::family>("family"),
    row<&Profile::max_tokens_field>("max_tokens_field"),
    row<&Profile::thinking>("thinking"),
    row<&Profile::reasoning_field>("reasoning_field"),
    row<&Profile::reasoning_return>("reasoning_return"),
    row<&Profile::tool_choice>("tool_choice"),
    row<&Profile::json_output>("json_output"),
    row<&Profile::mid_system>("mid_system"),
    row<&Profile::prefill>("prefill"),
    row<&Profile::tool_ids>("tool_ids"),
    row<&Profile::schema>("schema"),
    row<&Profile::user_field>("user_field"),
    row<&Profile::web_search>("web_search"),
    row<&Profile::max_effort>("max_effort"),
    row<&Profile::off_effort>("off_effort"),
    row<&Profile::anthropic_level>("anthropic_level"),
    row<&Profile::think_tags>("think_tags"),
    row<&Profile::developer_role>("developer_role"),
    row<&Profile::system_parts>("system_parts"),
    row<&Profile::stream_options>("stream_options"),
    row<&Profile::sampling>("sampling"),
    row<&Profile::top_k>("top_k"),
    row<&Profile::parallel_tool_calls>("parallel_tool_calls"),
    row<&Profile::strict_tools>("strict_tools"),
    row<&Profile::images>("images"),
    row<&Profile::documents>("documents"),
    row<&Profile::file_links>("file_links"),
    row<&Profile::tool_media>("tool_media"),
    row<&Profile::null_content>("null_content"),
    row<&Profile::cache_control>("cache_control"),
    row<&Profile::cache_breakpoints>("cache_breakpoints"),
    row<&Profile::cache_key>("cache_key"),
    row<&Profile::service_tier>("service_tier"),
    row<&Profile::tool_stream>("tool_stream"),
    row<&Profile::user_after_tool>("user_after_tool"),
    row<&Profile::thinking_off>("thinking_off"),
    row<&Profile::thinking_keep>("thinking_keep"),
    row<&Profile::tools_need_no_reasoning>("tools_need_no_reasoning"),
    row<&Profile::responses_api>("responses_api"),
    row<&Profile::responses_search>("responses_search"),
    row<&Profile::reasoning_summary>("reasoning_summary"),
    row<&Profile::sequential_tools>("sequential_tools"),
    row<&Profile::think_implicit>("think_implicit"),
    row<&Profile::name_fragments>("name_fragments"),
    row<&Profile::cumulative_args>("cumulative_args"),
    row<&Profile::reasoning_outside_output>("reasoning_outside_output"),
    row<&Profile::repeats_message_at_end>("repeats_message_at_end"),
    row<&Profile::min_thinking_budget>("min_thinking_budget"),
    row<&Profile::max_thinking_budget>("max_thinking_budget"),
    row<&Profile::max_stop_sequences>("max_stop_sequences"),
    row<&Profile::max_tools>("max_tools"),
    row<&Profile::max_tool_name>("max_tool_name"),
};
static_assert(std::size(rows) <= 64, "Profile::pinned has a bit per field");

constexpr std::uint32_t shortest_name_limit = 16;  // room for the hash of a cut name

Error wrong(const json5::Position& at, const std::string& message) {
    return {ErrorKind::config,
            std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + message};
}

Error unknown_field(const json5::Member& member) {
    std::string message = "no such field: " + member.key;
    const auto* nearest = std::min_element(
        std::begin(rows), std::end(rows), [&](const FieldRow& a, const FieldRow& b) {
            return edit_distance(a.key, member.key) < edit_distance(b.key, member.key);
        });
    if (edit_distance(nearest->key, member.key) <= 3) {
        message.append(" (did you mean ").append(nearest->key).append("?)");
    }
    return wrong(member.key_at, message);
}

}  // namespace

Result<Profile> apply_overrides(const Profile& base, const json5::Value& overrides) {
    if (!overrides.is_object()) return wrong(overrides.at, "should be an object");
    Profile profile = base;
    for (const json5::Member& member : overrides.members) {
        const auto* found =
            std::find_if(std::begin(rows), std::end(rows),
                         [&](const FieldRow& row) { return row.key == member.key; });
        if (found == std::end(rows)) return unknown_field(member);
        if (const std::string right = found->set(profile, member.value); !right.empty()) {
            return wrong(member.value.at, member.key + " should be " + right);
        }
        if (profile.max_tool_name < shortest_name_limit) {
            return wrong(member.value.at, "max_tool_name should be 16 or more");
        }
        profile.pinned |= std::uint64_t{1} << (found - std::begin(rows));
    }
    // What has to go back as tags must not be thrown away.
    if (profile.reasoning_field == ReasoningField::think_tags &&
        overrides.find("think_tags") == nullptr) {
        profile.think_tags = ThinkTagMode::convert;
    }
    return profile;
}

void restore_pinned(Profile& profile, const Profile& base) {
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        if ((base.pinned >> i & 1U) != 0) rows[i].copy(profile, base);
    }
}

}  // namespace ccr::dialect
