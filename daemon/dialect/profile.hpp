// SPDX-License-Identifier: MIT
// What sets one OpenAI-compatible (or Anthropic-compatible) provider apart from the next, as data.
// profile.cpp holds one row per provider; a row is found by name or by host and can be overridden
// field by field in the config. Encoders and decoders ask the profile; they never ask who it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/config/json5.hpp"
#include "common/result.hpp"

namespace ccr::dialect {

// Where the output cap goes.
enum class MaxTokensField : std::uint8_t { max_tokens, max_completion_tokens };
// How thinking and effort are asked for.
enum class ThinkingStyle : std::uint8_t {
    none,              // no parameter; dropped
    reasoning_effort,  // OpenAI: reasoning_effort
    deepseek,          // thinking:{type} + reasoning_effort low/high/max
    glm,               // thinking:{type,clear_thinking}
    kimi,              // thinking:{type,keep} or reasoning_effort, by model
    qwen,              // enable_thinking, thinking_budget
    minimax,           // thinking:{type}, reasoning_split
    openrouter,        // reasoning:{effort|max_tokens|exclude}
    groq,              // reasoning_effort + reasoning_format
    chat_template,     // chat_template_kwargs:{enable_thinking}
    switches,          // enable_thinking and thinking:{type,budget_tokens}
    gemini_budget,     // thinkingConfig:{thinkingBudget,includeThoughts}
    gemini_level,      // thinkingConfig:{thinkingLevel,includeThoughts}
};
// The field in which earlier reasoning goes back with an assistant message.
enum class ReasoningField : std::uint8_t {
    none,
    reasoning_content,
    reasoning,
    reasoning_details,  // verbatim array
    think_tags,         // <think>…</think> in front of the content
    content_parts,      // Mistral: content parts of type thinking
    thought_signature,  // Gemini: on the parts, in its compatible endpoint in extra_content
    reasoning_item,     // Responses: an item with encrypted content
};
enum class ReasoningReturn : std::uint8_t { never, tool_turns, always, always_even_empty };
// What tool_choice may say; none: the parameter is not known at all.
enum class ToolChoiceSupport : std::uint8_t { full, no_named, no_required, auto_only, none };
enum class JsonOutput : std::uint8_t { none, json_object, json_schema };
enum class MidSystem : std::uint8_t { native, wrap };  // role:"system" amid the messages
enum class Prefill : std::uint8_t { none, native, prefix, partial };
enum class ToolIdStyle : std::uint8_t { any, nine_alphanumerics };
enum class SchemaStyle : std::uint8_t { plain, mfjs, gemini };
// The field that takes the hashed user id.
enum class UserField : std::uint8_t { none, user, safety_identifier };
// How the provider's own web search is switched on.
enum class WebSearch : std::uint8_t {
    none,
    openrouter_plugin,
    glm_tool,
    enable_search,
    google_search,
    web_search_tool,     // Responses: a tool of its own
    kimi_builtin,        // a function whose arguments have to be given back as its result
    always,              // Perplexity: it searches whoever asks, and takes filters
    search_settings,     // Groq's compound systems: likewise
    web_search_options,  // OpenAI's search models
};
enum class Effort : std::uint8_t { unset, none, low, medium, high, xhigh, max };
// What becomes of reasoning that a model writes into its text between tags.
enum class ThinkTagMode : std::uint8_t { strip, convert, keep };
// How much of today's Anthropic format a compatible endpoint takes.
enum class AnthropicLevel : std::uint8_t { full, y2024, minimal };

struct Profile {
    std::string name = "openai-compatible";
    std::string family = "generic";  // whose reasoning is it; goes into the envelope

    MaxTokensField max_tokens_field = MaxTokensField::max_tokens;
    ThinkingStyle thinking = ThinkingStyle::none;
    ReasoningField reasoning_field = ReasoningField::reasoning_content;
    ReasoningReturn reasoning_return = ReasoningReturn::tool_turns;
    ToolChoiceSupport tool_choice = ToolChoiceSupport::full;
    JsonOutput json_output = JsonOutput::json_schema;
    MidSystem mid_system = MidSystem::wrap;
    Prefill prefill = Prefill::none;
    ToolIdStyle tool_ids = ToolIdStyle::any;
    SchemaStyle schema = SchemaStyle::plain;
    UserField user_field = UserField::none;
    WebSearch web_search = WebSearch::none;
    Effort max_effort = Effort::high;  // larger ones are cut down to it
    Effort off_effort = Effort::none;  // says "do not think"; unset: omit the parameter
    AnthropicLevel anthropic_level = AnthropicLevel::full;
    ThinkTagMode think_tags = ThinkTagMode::strip;

    bool developer_role = false;  // leading system message as role "developer"
    bool system_parts = false;    // system text as parts, block boundaries kept
    bool stream_options = true;   // accepts stream_options.include_usage
    bool sampling = true;         // accepts temperature and top_p
    bool top_k = false;
    bool parallel_tool_calls = true;        // accepts parallel_tool_calls
    bool strict_tools = true;               // accepts "strict" on functions
    bool images = true;                     // image parts
    bool documents = false;                 // file parts (PDF)
    bool file_links = false;                // files by link or by id
    bool tool_media = false;                // media inside tool messages
    bool null_content = true;               // content:null beside tool_calls, else ""
    bool cache_control = false;             // passes cache_control inside parts on
    bool cache_breakpoints = false;         // takes prompt_cache_breakpoint in their place
    bool cache_key = false;                 // prompt_cache_key
    bool service_tier = false;              // takes service_tier
    bool tool_stream = false;               // GLM: ask for streamed arguments
    bool user_after_tool = true;            // a user message may follow tool messages
    bool thinking_off = true;               // thinking can be switched off
    bool thinking_keep = false;             // Kimi keep:"all", Qwen preserve_thinking
    bool tools_need_no_reasoning = false;   // refuses function tools beside reasoning_effort
    bool responses_api = false;             // takes Responses where Chat Completions is spoken
    bool responses_search = false;          // and searches the web there
    bool reasoning_summary = true;          // and gives summaries of its reasoning there
    bool sequential_tools = false;          // a call is complete when the next one starts
    bool name_fragments = false;            // function names arrive in pieces
    bool cumulative_args = false;           // every chunk repeats the arguments so far
    bool reasoning_outside_output = false;  // reasoning tokens are not in completion_tokens (xAI)
    bool think_implicit = false;            // content begins inside <think>, which is not sent
    bool repeats_message_at_end = false;    // MiniMax: the last chunk repeats the whole message
    // Tokens that a thinking budget may have; thinking_off says whether 0 is allowed as well.
    std::uint32_t min_thinking_budget = 0;
    std::uint32_t max_thinking_budget = 0;  // 0: no limit
    std::uint32_t max_stop_sequences = 4;   // 0: takes none
    std::uint32_t max_tools = 128;          // 0: no limit
    std::uint32_t max_tool_name = 64;

    // Bit set of the fields that the config has set; a model's name does not overrule these.
    std::uint64_t pinned = 0;
};

// The row for a provider: by the name given in config `profile`, else by the host of its URL, else
// by the provider's own name, else the generic row. Never null.
const Profile& find_profile(std::string_view wanted, std::string_view host,
                            std::string_view provider_name);
// The host is the provider's own, and not that of somebody who speaks as it does.
[[nodiscard]] bool at_home(const Profile& profile, std::string_view host);
// The row of that name or alias, or null: lets a misspelt config be refused.
[[nodiscard]] const Profile* profile_named(std::string_view name);
[[nodiscard]] std::span<const std::string_view> profile_names();

// A copy of `base` with the fields of a config object laid over it. Unknown fields and wrong types
// are errors that name the key.
Result<Profile> apply_overrides(const Profile& base, const json5::Value& overrides);

// What the model's name alone decides (o-series and gpt-5 take no sampling, Kimi K2.6 …). Fields
// that came from overrides stay as they are.
[[nodiscard]] Profile for_model(const Profile& profile, std::string_view model);
// What the Responses format decides where it is spoken instead of Chat Completions. The same.
[[nodiscard]] Profile for_responses(const Profile& profile);

}  // namespace ccr::dialect
