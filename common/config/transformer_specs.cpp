// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>

#include "common/config/transformers.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using enum OptionKind;

constexpr TransformerOption anthropic_options[] = {{"UseBearer", boolean}};
constexpr TransformerOption max_token_options[] = {{"max_tokens", count, true}};
constexpr TransformerOption reasoning_options[] = {{"enable", boolean}};
constexpr TransformerOption sampling_options[] = {{"max_tokens", count},
                                                  {"temperature", number},
                                                  {"top_p", number},
                                                  {"top_k", number},
                                                  {"repetition_penalty", number}};
constexpr TransformerOption think_tag_options[] = {
    {"mode", string, false, "strip convert keep"}, {"tags", strings}, {"anywhere", boolean}};

constexpr TransformerOption effort_options[] = {
    {"effort", string, true, "none minimal low medium high xhigh max"}};

constexpr TransformerSpec specs[] = {
    // protocols
    {"anthropic", Speaks::anthropic, false, anthropic_options},
    {"openai", Speaks::openai},
    {"openai-responses", Speaks::openai_responses},
    {"gemini", Speaks::gemini},
    {"vertex-gemini", Speaks::vertex},
    {"vertex-claude", Speaks::vertex},
    {"vertex-openai", Speaks::vertex},
    // providers
    {"deepseek"},
    {"openrouter", Speaks::nothing, true},
    {"groq"},
    {"cerebras"},
    {"vercel", Speaks::nothing, true},
    {"glm"},
    {"kimi"},
    {"minimax"},
    // parameters
    {"maxtoken", Speaks::nothing, false, max_token_options},
    {"maxcompletiontokens"},
    {"sampling", Speaks::nothing, false, sampling_options},
    {"customparams", Speaks::nothing, true},
    {"streamoptions"},
    {"cleancache"},
    // tools and thinking
    {"tooluse"},
    {"enhancetool"},
    {"reasoning", Speaks::nothing, false, reasoning_options},
    {"forcereasoning"},
    {"forceeffort", Speaks::nothing, false, effort_options},
    {"thinktag", Speaks::nothing, false, think_tag_options},
    {"extrathinktag", Speaks::nothing, false, think_tag_options},
    {"identity"},
};

}  // namespace

std::span<const TransformerSpec> transformer_specs() {
    return specs;
}

const TransformerSpec* find_transformer(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(specs), std::end(specs),
                     [name](const TransformerSpec& spec) { return iequals(spec.name, name); });
    return found == std::end(specs) ? nullptr : found;
}

}  // namespace ccr::config
