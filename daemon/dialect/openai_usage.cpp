// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_usage.hpp"

#include <algorithm>
#include <cstdint>

namespace ccr::dialect {
namespace {

using Count = std::optional<std::int64_t>;

struct Counts {
    Count prompt;
    Count completion;
    Count total;
    Count cached;
    Count cache_write;
    Count reasoning;
    Count searches;
    std::optional<double> cost;
};

void take(Count& into, json::Value value) {
    const Count count = value.integer();
    if (count && *count >= 0) into = count;
}

void read_details(Counts& counts, json::Value details) {
    for (const json::Member member : details.members()) {
        const std::string_view key = member.key.str();
        if (key == "cached_tokens") take(counts.cached, member.value);
        if (key == "cache_write_tokens") take(counts.cache_write, member.value);
        if (key == "reasoning_tokens") take(counts.reasoning, member.value);
    }
}

void read_member(Counts& counts, std::string_view key, json::Value value) {
    if (key == "prompt_tokens" || key == "input_tokens") take(counts.prompt, value);
    if (key == "completion_tokens" || key == "output_tokens") take(counts.completion, value);
    if (key == "total_tokens") take(counts.total, value);
    // DeepSeek, Kimi, Mistral in this order.
    if (key == "prompt_cache_hit_tokens") take(counts.cached, value);
    if (key == "cached_tokens" && !counts.cached) take(counts.cached, value);
    if (key == "num_cached_tokens") take(counts.cached, value);
    if (key == "num_search_queries") take(counts.searches, value);  // Perplexity
    if (key == "server_tool_use")
        take(counts.searches, value["web_search_requests"]);                // OpenRouter
    if (key == "plugins") take(counts.searches, value["search"]["count"]);  // Qwen
    if (key == "cost") counts.cost = value.number();                        // OpenRouter, in USD
    if (key == "prompt_tokens_details" || key == "completion_tokens_details" ||
        key == "input_tokens_details" || key == "output_tokens_details") {
        read_details(counts, value);
    }
}

}  // namespace

std::optional<chat::Usage> read_openai_usage(json::Value usage, const Profile& profile) {
    Counts counts;
    for (const json::Member member : usage.members()) {
        read_member(counts, member.key.str(), member.value);
    }
    if (!counts.prompt && !counts.completion && !counts.total) return std::nullopt;

    const std::int64_t prompt = counts.prompt.value_or(0);
    const std::int64_t cached = counts.cached.value_or(0);
    chat::Usage out;
    // xAI may leave the cached tokens out of the prompt; then all of the prompt is uncached.
    out.input_tokens = cached > prompt ? prompt
                                       : std::max<std::int64_t>(
                                             0, prompt - cached - counts.cache_write.value_or(0));
    out.output_tokens =
        counts.completion.value_or(std::max<std::int64_t>(0, counts.total.value_or(0) - prompt));
    if (profile.reasoning_outside_output) out.output_tokens += counts.reasoning.value_or(0);
    out.cache_read_tokens = counts.cached;
    out.cache_creation_tokens = counts.cache_write;
    out.thinking_tokens = counts.reasoning;
    out.web_searches = counts.searches.value_or(0);
    out.cost_usd = counts.cost;
    return out;
}

}  // namespace ccr::dialect
