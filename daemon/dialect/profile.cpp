// SPDX-License-Identifier: MIT
// The provider quirk table. A new provider is a new row.
#include "daemon/dialect/profile.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "common/text.hpp"
#include "daemon/dialect/profile_fields.hpp"

namespace ccr::dialect {
namespace {

struct Row {
    Profile profile;
    // Hosts that belong to it: the name itself or, with a dot in front, any name that ends so.
    std::vector<std::string_view> hosts;
    // Other names under which users know it.
    std::vector<std::string_view> aliases;
};

Profile named(std::string name, std::string family) {
    Profile profile;
    profile.name = std::move(name);
    profile.family = std::move(family);
    return profile;
}

Profile openai() {
    Profile p = named("openai", "openai");
    p.max_tokens_field = MaxTokensField::max_completion_tokens;
    p.reasoning_field = ReasoningField::none;
    p.reasoning_return = ReasoningReturn::never;
    p.mid_system = MidSystem::native;
    p.user_field = UserField::safety_identifier;
    p.cache_key = true;
    p.service_tier = true;
    p.documents = true;
    p.responses_api = true;
    p.responses_search = true;
    return p;
}

Profile azure() {
    Profile p = openai();
    p.name = "azure";
    p.user_field = UserField::user;
    p.service_tier = false;
    return p;
}

Profile deepseek() {
    Profile p = named("deepseek", "deepseek");
    p.thinking = ThinkingStyle::deepseek;
    p.max_effort = Effort::max;
    p.reasoning_return = ReasoningReturn::always_even_empty;
    p.json_output = JsonOutput::json_object;
    p.anthropic_level = AnthropicLevel::y2024;
    p.null_content = false;
    p.images = false;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    p.max_stop_sequences = 16;
    return p;
}

Profile glm() {
    Profile p = named("glm", "glm");
    p.thinking = ThinkingStyle::glm;
    p.reasoning_return = ReasoningReturn::always;
    p.tool_choice = ToolChoiceSupport::auto_only;
    p.json_output = JsonOutput::json_object;
    p.web_search = WebSearch::glm_tool;
    p.anthropic_level = AnthropicLevel::y2024;
    p.tool_stream = true;
    p.images = false;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    p.max_stop_sequences = 1;
    return p;
}

Profile kimi() {
    Profile p = named("kimi", "kimi");
    p.web_search = WebSearch::kimi_builtin;
    p.max_tokens_field = MaxTokensField::max_completion_tokens;
    p.reasoning_return = ReasoningReturn::always;
    p.json_output = JsonOutput::json_object;
    p.prefill = Prefill::partial;
    p.schema = SchemaStyle::mfjs;
    p.anthropic_level = AnthropicLevel::y2024;
    p.cache_key = true;
    p.images = false;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    return p;
}

Profile qwen() {
    Profile p = named("qwen", "qwen");
    p.thinking = ThinkingStyle::qwen;
    p.tool_choice = ToolChoiceSupport::no_required;
    p.json_output = JsonOutput::json_object;
    p.web_search = WebSearch::enable_search;
    p.responses_search = true;
    p.anthropic_level = AnthropicLevel::y2024;
    p.top_k = true;
    p.images = false;
    p.strict_tools = false;
    return p;
}

Profile minimax() {
    Profile p = named("minimax", "minimax");
    p.max_tokens_field = MaxTokensField::max_completion_tokens;
    p.thinking = ThinkingStyle::minimax;
    p.reasoning_field = ReasoningField::reasoning_details;
    p.reasoning_return = ReasoningReturn::always;
    p.tool_choice = ToolChoiceSupport::none;
    p.json_output = JsonOutput::none;
    p.anthropic_level = AnthropicLevel::y2024;
    p.repeats_message_at_end = true;
    p.think_tags = ThinkTagMode::convert;
    p.images = false;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    return p;
}

Profile openrouter() {
    Profile p = named("openrouter", "openrouter");
    p.thinking = ThinkingStyle::openrouter;
    p.max_effort = Effort::xhigh;
    p.reasoning_field = ReasoningField::reasoning_details;
    p.reasoning_return = ReasoningReturn::always;
    p.user_field = UserField::user;
    p.web_search = WebSearch::openrouter_plugin;
    p.anthropic_level = AnthropicLevel::y2024;
    p.cache_control = true;
    p.documents = true;
    p.top_k = true;
    return p;
}

// Its gateway speaks of reasoning as OpenRouter does and has no search of its own.
Profile vercel() {
    Profile p = openrouter();
    p.name = "vercel";
    p.family = "vercel";
    p.user_field = UserField::none;
    p.web_search = WebSearch::none;
    return p;
}

Profile groq() {
    Profile p = named("groq", "groq");
    p.max_tokens_field = MaxTokensField::max_completion_tokens;
    p.reasoning_field = ReasoningField::reasoning;
    p.strict_tools = false;
    p.images = false;
    return p;
}

Profile mistral() {
    Profile p = named("mistral", "mistral");
    p.reasoning_field = ReasoningField::content_parts;
    p.reasoning_return = ReasoningReturn::always;
    p.prefill = Prefill::prefix;
    p.tool_ids = ToolIdStyle::nine_alphanumerics;
    p.stream_options = false;
    p.user_after_tool = false;
    p.tool_media = true;
    p.null_content = false;
    return p;
}

Profile xai() {
    Profile p = named("xai", "xai");
    p.user_field = UserField::user;
    p.responses_search = true;
    p.reasoning_outside_output = true;
    return p;
}

// Its models search before they answer, and know no functions.
Profile perplexity() {
    Profile p = named("perplexity", "perplexity");
    p.thinking = ThinkingStyle::reasoning_effort;
    p.off_effort = Effort::unset;
    p.reasoning_field = ReasoningField::none;
    p.reasoning_return = ReasoningReturn::never;
    p.tool_choice = ToolChoiceSupport::none;
    p.web_search = WebSearch::always;
    p.think_tags = ThinkTagMode::convert;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    p.max_stop_sequences = 0;
    return p;
}

Profile cerebras() {
    Profile p = named("cerebras", "cerebras");
    p.max_tokens_field = MaxTokensField::max_completion_tokens;
    p.reasoning_field = ReasoningField::reasoning;
    p.strict_tools = false;
    p.images = false;
    return p;
}

Profile gemini_openai() {
    Profile p = named("gemini-openai", "gemini");
    p.thinking = ThinkingStyle::reasoning_effort;
    p.reasoning_field = ReasoningField::thought_signature;
    p.reasoning_return = ReasoningReturn::tool_turns;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    p.max_stop_sequences = 5;
    return p;
}

// Gemini in its own format; its models' names tell how thinking is asked for.
Profile gemini_native() {
    Profile p = named("gemini-native", "gemini");
    p.reasoning_field = ReasoningField::thought_signature;
    p.web_search = WebSearch::google_search;
    p.max_effort = Effort::max;
    p.documents = true;
    p.top_k = true;
    p.parallel_tool_calls = false;
    p.strict_tools = false;
    p.max_stop_sequences = 5;
    return p;
}

// Servers that people run on their own machines: small, literal-minded, no accounts.
Profile local(std::string name) {
    const std::string family = name;
    Profile p = named(std::move(name), family);
    p.anthropic_level = AnthropicLevel::minimal;
    p.strict_tools = false;
    p.max_tools = 0;
    p.max_stop_sequences = 16;
    return p;
}

Profile vllm() {
    Profile p = local("vllm");
    p.thinking = ThinkingStyle::chat_template;
    p.reasoning_field = ReasoningField::reasoning;
    p.top_k = true;
    return p;
}

Profile sglang() {
    Profile p = local("sglang");
    p.thinking = ThinkingStyle::chat_template;
    p.top_k = true;
    return p;
}

Profile llamacpp() {
    Profile p = local("llamacpp");
    p.thinking = ThinkingStyle::chat_template;
    p.top_k = true;
    return p;
}

Profile ollama() {
    Profile p = local("ollama");
    p.reasoning_field = ReasoningField::reasoning;
    p.tool_choice = ToolChoiceSupport::none;
    p.parallel_tool_calls = false;
    return p;
}

Profile lmstudio() {
    Profile p = local("lmstudio");
    p.tool_choice = ToolChoiceSupport::no_named;
    p.parallel_tool_calls = false;
    return p;
}

Profile together() {
    Profile p = named("together", "together");
    p.reasoning_field = ReasoningField::reasoning;
    p.strict_tools = false;
    p.top_k = true;
    return p;
}

const std::vector<Row>& table() {
    static const std::vector<Row> rows = {
        {openai(), {"api.openai.com", ".api.openai.com"}, {}},
        {azure(),
         {".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"},
         {"azure-openai"}},
        {deepseek(), {"api.deepseek.com"}, {}},
        {glm(), {"api.z.ai", "open.bigmodel.cn"}, {"zai", "z.ai", "zhipu", "bigmodel", "zhipuai"}},
        {kimi(), {"api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"}, {"moonshot"}},
        {qwen(),
         {"dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com",
          "coding.dashscope.aliyuncs.com", "coding-intl.dashscope.aliyuncs.com"},
         {"dashscope", "aliyun"}},
        {minimax(),
         {"api.minimax.io", "api.minimaxi.com", "api.minimaxi.chat", "api.minimax.chat"},
         {}},
        {openrouter(), {"openrouter.ai"}, {}},
        {vercel(), {"ai-gateway.vercel.sh"}, {}},
        {groq(), {"api.groq.com"}, {}},
        {mistral(), {"api.mistral.ai", "codestral.mistral.ai"}, {}},
        {xai(), {"api.x.ai", ".api.x.ai"}, {"grok"}},
        {perplexity(), {"api.perplexity.ai"}, {"sonar"}},
        {cerebras(), {"api.cerebras.ai"}, {}},
        {gemini_native(), {}, {"vertex-gemini"}},
        {gemini_openai(), {"generativelanguage.googleapis.com"}, {}},
        {together(), {"api.together.xyz", "api.together.ai"}, {}},
        {vllm(), {}, {}},
        {sglang(), {}, {}},
        {llamacpp(), {}, {"llama.cpp", "llama-cpp", "llama-server"}},
        {ollama(), {"ollama.com"}, {}},
        {lmstudio(), {}, {"lm-studio"}},
        {named("anthropic", "anthropic"), {"api.anthropic.com"}, {}},
        {Profile{}, {}, {"generic"}},
    };
    return rows;
}

const Row* row_named(std::string_view name) {
    for (const Row& row : table()) {
        const bool alias =
            std::any_of(row.aliases.begin(), row.aliases.end(),
                        [name](std::string_view other) { return iequals(other, name); });
        if (alias || iequals(row.profile.name, name)) return &row;
    }
    return nullptr;
}

bool host_matches(std::string_view pattern, std::string_view host) {
    if (pattern.front() != '.') return iequals(pattern, host);
    return host.size() > pattern.size() &&
           iequals(host.substr(host.size() - pattern.size()), pattern);
}

const Row* row_of_host(std::string_view host) {
    for (const Row& row : table()) {
        const bool match =
            std::any_of(row.hosts.begin(), row.hosts.end(),
                        [host](std::string_view pattern) { return host_matches(pattern, host); });
        if (match) return &row;
    }
    return nullptr;
}

}  // namespace

bool at_home(const Profile& profile, std::string_view host) {
    const Row* row = row_of_host(host);
    return row != nullptr && row->profile.name == profile.name;
}

const Profile* profile_named(std::string_view name) {
    const Row* row = row_named(name);
    return row != nullptr ? &row->profile : nullptr;
}

const Profile& find_profile(std::string_view wanted, std::string_view host,
                            std::string_view provider_name) {
    const Row* row = wanted.empty() ? nullptr : row_named(wanted);
    if (row == nullptr) row = row_of_host(host);
    if (row == nullptr) row = row_named(provider_name);
    return row != nullptr ? row->profile : table().back().profile;
}

std::span<const std::string_view> profile_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> out;
        for (const Row& row : table())
            out.push_back(row.profile.name);
        return out;
    }();
    return names;
}

}  // namespace ccr::dialect
