// SPDX-License-Identifier: MIT
#include "daemon/transform/transforms.hpp"

#include <algorithm>
#include <iterator>

#include "common/text.hpp"
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {
namespace {

constexpr Transform rows[] = {
    // Which protocol the provider speaks; read where the configuration is.
    {.name = "anthropic"},
    {.name = "openai"},
    {.name = "openai-responses"},
    {.name = "gemini"},
    {.name = "vertex-gemini"},
    {.name = "vertex-claude"},
    {.name = "vertex-openai", .profile = "gemini-openai"},
    // Whose habits it has.
    {.name = "deepseek", .profile = "deepseek", .apply = deepseek},
    {.name = "openrouter", .profile = "openrouter", .apply = openrouter},
    {.name = "vercel", .profile = "vercel", .apply = openrouter},
    {.name = "groq", .profile = "groq", .apply = groq},
    {.name = "cerebras", .profile = "cerebras"},
    {.name = "glm", .profile = "glm"},
    {.name = "kimi", .profile = "kimi"},
    {.name = "minimax", .profile = "minimax"},
    // Parameters. maxtoken is one of the caps of the configuration, see Provider::output_limit.
    {.name = "maxtoken"},
    {.name = "maxcompletiontokens", .apply = maxcompletiontokens},
    {.name = "sampling", .apply = sampling},
    {.name = "customparams", .apply = customparams, .members = true},
    {.name = "streamoptions", .apply = streamoptions},
    {.name = "cleancache", .apply = cleancache},
    // Tools and thinking.
    {.name = "tooluse", .apply = tooluse, .filter = tooluse_filter},
    {.name = "enhancetool", .filter = enhancetool_filter},
    {.name = "reasoning", .apply = reasoning},
    {.name = "forcereasoning", .apply = forcereasoning, .filter = forcereasoning_filter},
    {.name = "forceeffort", .apply = forceeffort},
    {.name = "thinktag",
     .apply = thinktag,
     .filter = thinktag_filter,
     .filters = thinktag_filters,
     .problem = thinktag_problem},
    {.name = "extrathinktag",
     .apply = thinktag,
     .filter = extrathinktag_filter,
     .filters = extrathinktag_filters,
     .problem = thinktag_problem},
    {.name = "identity"},
};

}  // namespace

std::span<const Transform> transforms() {
    return rows;
}

const Transform* find_transform(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(rows), std::end(rows),
                     [name](const Transform& row) { return iequals(row.name, name); });
    return found == std::end(rows) ? nullptr : found;
}

}  // namespace ccr::transform
