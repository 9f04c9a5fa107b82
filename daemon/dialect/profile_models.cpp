// SPDX-License-Identifier: MIT
// What a model's name decides on its own, as a table: family, part of the name, change. All rows
// that match apply, in order.
#include <algorithm>
#include <cstdint>

#include "common/text.hpp"
#include "daemon/dialect/profile.hpp"
#include "daemon/dialect/profile_fields.hpp"

namespace ccr::dialect {
namespace {

// 5.4 as 504: the number behind `stem`, or 0. "gpt-5" is 500, "gpt-5.10-mini" 510.
int version_after(std::string_view model, std::string_view stem) {
    const auto at = model.find(stem);
    if (at == std::string_view::npos) return 0;
    std::string_view rest = model.substr(at + stem.size());
    const auto digits = [&rest] {
        int value = 0;
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9' && value < 100) {
            value = value * 10 + (rest.front() - '0');
            rest.remove_prefix(1);
        }
        return value;
    };
    const int major = digits();
    if (major >= 100 || rest.empty() || rest.front() != '.') return major * 100;
    rest.remove_prefix(1);
    return major * 100 + digits();
}

void openai_reasoning(Profile& p) {
    p.thinking = ThinkingStyle::reasoning_effort;
    p.developer_role = true;
    p.sampling = false;
    p.max_stop_sequences = 0;
}

void openai_o_series(Profile& p, std::string_view model) {
    openai_reasoning(p);
    p.off_effort = Effort::low;  // they always reason
    if (version_after(model, "o") == 100) p.max_stop_sequences = 4;
}

void openai_gpt(Profile& p, std::string_view model) {
    const int version = version_after(model, "gpt-");
    if (version < 500 || icontains(model, "-chat")) return;
    openai_reasoning(p);
    if (version < 501) p.off_effort = Effort::low;
    if (version >= 502) p.max_effort = Effort::xhigh;
    if (version >= 506) p.max_effort = Effort::max;
    p.tools_need_no_reasoning = version >= 504;
    p.cache_breakpoints = version >= 506;
}

void kimi_k2(Profile& p, std::string_view model) {
    const int version = version_after(model, "kimi-k");
    if (icontains(model, "thinking") || version == 0) return;
    if (version >= 300) {
        p.thinking = ThinkingStyle::reasoning_effort;
        p.max_effort = Effort::max;
        p.off_effort = Effort::low;
    } else if (version >= 205) {
        p.thinking = ThinkingStyle::kimi;
        p.thinking_keep = version >= 206;
        p.thinking_off = version < 207;
        if (version >= 206) p.tool_choice = ToolChoiceSupport::no_required;
    }
    if (version < 205) return;
    p.sampling = false;
    p.images = true;
}

void images(Profile& p, std::string_view) {
    p.images = true;
}

// glm-4.5v, glm-4v-plus …: a v behind the number.
void glm_vision(Profile& p, std::string_view model) {
    for (std::size_t i = 1; i < model.size(); ++i) {
        const bool digit = model[i - 1] >= '0' && model[i - 1] <= '9';
        if (digit && model[i] == 'v') p.images = true;
    }
}

void qwen_preserving(Profile& p, std::string_view model) {
    const int version = version_after(model, "qwen");
    p.thinking_keep = version >= 306;
    p.images = p.images || version >= 305;
}

void effort_of_gpt_oss(Profile& p, std::string_view) {
    p.thinking = ThinkingStyle::reasoning_effort;
    p.off_effort = Effort::low;
}

void groq_parsed(Profile& p, std::string_view) {
    p.thinking = ThinkingStyle::groq;
}

void effort(Profile& p, std::string_view) {
    p.thinking = ThinkingStyle::reasoning_effort;
}

void grok_reasoning(Profile& p, std::string_view model) {
    const bool mini = icontains(model, "grok-3-mini");
    if (mini) {
        p.thinking = ThinkingStyle::reasoning_effort;
        p.off_effort = Effort::low;
    }
    if (mini || version_after(model, "grok-") >= 400 || icontains(model, "grok-code")) {
        p.max_stop_sequences = 0;
    }
}

// How Gemini's own format asks for thinking; its compatible endpoint has reasoning_effort for all.
void gemini_thinking(Profile& p, std::string_view model) {
    if (p.reasoning_field != ReasoningField::thought_signature) return;
    if (p.thinking == ThinkingStyle::reasoning_effort) return;
    const bool pro = icontains(model, "pro");
    const int version = version_after(model, "gemini-");
    // Names like gemini-flash-latest follow the newest.
    if (version >= 300 || (version == 0 && icontains(model, "latest"))) {
        p.thinking = ThinkingStyle::gemini_level;
        p.thinking_off = !pro;
        p.tool_media = true;
    } else if (version >= 205) {
        p.thinking = ThinkingStyle::gemini_budget;
        p.thinking_off = !pro;
        p.min_thinking_budget = pro ? 128 : icontains(model, "lite") ? 512 : 1;
        p.max_thinking_budget = pro ? 32768 : 24576;
    }
}

// They search, whoever asks, and know neither temperature nor tools.
void openai_search(Profile& p, std::string_view) {
    p.web_search = WebSearch::web_search_options;
    p.sampling = false;
}

void groq_compound(Profile& p, std::string_view) {
    p.web_search = WebSearch::search_settings;
}

struct Rule {
    std::string_view family;
    std::string_view part;  // of the model's name in lower case; empty matches all
    void (*apply)(Profile& profile, std::string_view model);
};
constexpr Rule rules[] = {
    {"openai", "gpt-", openai_gpt},
    {"openai", "codex-mini", [](Profile& p, std::string_view) { openai_reasoning(p); }},
    {"openai", "-search-preview", openai_search},
    {"openai", "-search-api", openai_search},
    {"gemini", "gemini", gemini_thinking},
    {"kimi", "kimi-k", kimi_k2},
    {"kimi", "vision", images},
    {"glm", "v", glm_vision},
    {"qwen", "vl", images},
    {"qwen", "omni", images},
    {"qwen", "qwen", qwen_preserving},
    {"groq", "gpt-oss", effort_of_gpt_oss},
    {"groq", "qwen3", groq_parsed},
    {"groq", "llama-4", images},
    {"groq", "compound", groq_compound},
    {"cerebras", "gpt-oss", effort_of_gpt_oss},
    {"together", "gpt-oss", effort_of_gpt_oss},
    {"xai", "grok", grok_reasoning},
    // Ollama refuses the parameter for models that cannot think.
    {"ollama", "gpt-oss", effort},
    {"ollama", "qwen3", effort},
    {"ollama", "deepseek-r1", effort},
    {"ollama", "deepseek-v3.1", effort},
    {"ollama", "magistral", effort},
};

// The o-series has names too short to search for: "o3", "o4-mini-high", "openai/o1".
bool is_o_series(std::string_view model) {
    if (const auto slash = model.rfind('/'); slash != std::string_view::npos) {
        model.remove_prefix(slash + 1);
    }
    return model.size() >= 2 && model[0] == 'o' && model[1] >= '1' && model[1] <= '9' &&
           (model.size() == 2 || model[2] == '-');
}

}  // namespace

Profile for_model(const Profile& profile, std::string_view model) {
    Profile out = profile;
    const std::string name = lower(model);
    if (out.family == "openai" && is_o_series(name)) {
        openai_o_series(out, std::string_view(name).substr(name.rfind('/') + 1));
    }
    for (const Rule& rule : rules) {
        if (rule.family == out.family && name.find(rule.part) != std::string::npos) {
            rule.apply(out, name);
        }
    }
    restore_pinned(out, profile);
    return out;
}

Profile for_responses(const Profile& profile) {
    Profile out = profile;
    out.reasoning_field = ReasoningField::reasoning_item;
    out.reasoning_return = ReasoningReturn::always;
    if (out.responses_search) out.web_search = WebSearch::web_search_tool;
    out.file_links = true;
    out.tool_media = true;
    out.tools_need_no_reasoning = false;
    restore_pinned(out, profile);
    out.max_stop_sequences = 0;  // there is no such parameter
    return out;
}

}  // namespace ccr::dialect
