// SPDX-License-Identifier: MIT
#include "daemon/proxy/upstream_headers.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace ccr::proxy {
namespace {

constexpr std::string_view user_agent = "ccr/" CCR_VERSION;
constexpr std::string_view default_anthropic_version = "2023-06-01";

// What an Anthropic upstream is told of the client; a trailing '*' stands for any rest.
constexpr std::array<std::string_view, 7> forwarded{
    "user-agent",          "x-app",
    "x-stainless-*",       "x-claude-code-*",
    "x-client-request-id", "x-anthropic-additional-protection",
    "idempotency-key",
};

// The same of an upstream that speaks OpenAI's format. Whose account it is, is the router's to say.
constexpr std::array<std::string_view, 5> forwarded_openai{
    "user-agent", "openai-beta", "x-stainless-*", "x-client-request-id", "idempotency-key",
};

// What a client of an Anthropic upstream gets to see of its answer.
constexpr std::array<std::string_view, 5> kept{
    "request-id", "anthropic-ratelimit-*", "retry-after", "retry-after-ms", "x-should-retry",
};

template <std::size_t N>
bool listed(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view entry) {
        if (!entry.ends_with('*')) return iequals(entry, name);
        entry.remove_suffix(1);
        return iequals(entry, name.substr(0, entry.size()));
    });
}

void add_credentials(const config::Provider& provider, bool anthropic, std::size_t credential,
                     std::string_view token, http::Headers& headers) {
    const bool google = provider.auth == config::Auth::google_account;
    if (provider.keys.empty() && !google) return;
    const std::string_view key = google ? token : provider.keys.at(credential).reveal();
    if (provider.auth == config::Auth::goog_api_key) return headers.add("x-goog-api-key", key);
    if (provider.auth == config::Auth::api_key) return headers.add("api-key", key);
    // Anthropic-compatible endpoints disagree on which of the two they read.
    if (anthropic && !provider.bearer_only) headers.add("x-api-key", key);
    std::string bearer = "Bearer ";
    bearer += key;
    headers.add("authorization", bearer);
}

}  // namespace

http::Headers upstream_headers(const route::Provider& provider, const http::Headers& client,
                               bool stream, bool pass_through, std::size_t credential,
                               std::string_view token) {
    http::Headers headers;
    headers.reserve(16, 1024);
    headers.add("content-type", "application/json");
    headers.add("accept", stream ? "text/event-stream" : "application/json");
    // A compressed stream would only be held back by its compressor.
    headers.add("accept-encoding", stream ? "identity" : "gzip, deflate");
    const bool anthropic = provider.dialect->name == "anthropic";
    if (pass_through && anthropic) {
        for (const auto field : client) {
            if (listed(forwarded, field.name)) headers.add(field.name, field.value);
        }
        const bool takes_betas = provider.profile.anthropic_level == dialect::AnthropicLevel::full;
        for (const auto beta : client.get_all("anthropic-beta")) {
            if (takes_betas) headers.add("anthropic-beta", beta);
        }
    }
    if (pass_through && !anthropic) {
        for (const auto field : client) {
            if (listed(forwarded_openai, field.name)) headers.add(field.name, field.value);
        }
    }
    if (anthropic) {
        const auto version = pass_through ? client.find("anthropic-version") : std::nullopt;
        headers.add("anthropic-version", version.value_or(default_anthropic_version));
    }
    if (!headers.has("user-agent")) headers.add("user-agent", user_agent);
    add_credentials(*provider.config, anthropic, credential, token, headers);
    for (const auto& [name, value] : provider.config->headers)
        headers.set(name, value.reveal());
    return headers;
}

void keep_upstream_headers(const http::Headers& upstream, http::Headers& to) {
    for (const auto field : upstream) {
        if (listed(kept, field.name)) to.add(field.name, field.value);
    }
}

}  // namespace ccr::proxy
