// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_splice.hpp"

#include <utility>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/anthropic_downgrade.hpp"
#include "daemon/dialect/anthropic_overlay.hpp"
#include "daemon/dialect/anthropic_search.hpp"
#include "daemon/dialect/json_edit.hpp"

namespace ccr::dialect {
namespace {

constexpr std::string_view vertex_version = "vertex-2023-10-16";

// Anthropic takes back only what it signed itself.
bool unsigned_thinking(json::Value block) {
    if (anthropic::sealed_by_us(block)) return true;
    return block["type"].str() == "thinking" && block["signature"].str().empty();
}

bool nothing_but_unsigned(json::Value content) {
    if (content.size() == 0) return false;
    for (const json::Value block : content.elements())
        if (!unsigned_thinking(block)) return false;
    return true;
}

void remove_what_is_ours(json::Value messages, JsonEdit& edit) {
    const auto empties = [](json::Value message) {
        return message["role"].str() == "assistant" && nothing_but_unsigned(message["content"]);
    };
    edit.remove_elements(messages, empties);
    for (const json::Value message : messages.elements()) {
        if (message["role"].str() != "assistant" || empties(message)) continue;
        edit.remove_elements(message["content"], unsigned_thinking);
        anthropic::tell_our_searches(message, edit);
    }
}

void replace_model(const json::Member& member, const SpliceOptions& options, JsonEdit& edit) {
    if (options.model_in_url) edit.replace(member.key, "\"anthropic_version\"");
    edit.replace(member.value, quoted(options.model_in_url ? vertex_version : options.model));
}

void replace_scalars(json::Value root, const SpliceOptions& options, JsonEdit& edit) {
    bool stream_seen = false;
    for (const json::Member member : root.members()) {
        // All of duplicate keys: servers differ in which one they take.
        const std::string_view key = member.key.str();
        if (key == "model") replace_model(member, options, edit);
        if (key != "stream" || !options.force_stream) continue;
        stream_seen = true;
        if (member.value.boolean(!*options.force_stream) != *options.force_stream) {
            edit.replace(member.value, *options.force_stream ? "true" : "false");
        }
    }
    if (options.force_stream && !stream_seen) {
        edit.append_member(root, *options.force_stream ? "\"stream\":true" : "\"stream\":false");
    }
}

std::string spliced(const chat::Request& request, const SpliceOptions& options) {
    const json::Value root = request.document.root();
    JsonEdit edit(request.document.source());
    replace_scalars(root, options, edit);
    if (options.level == AnthropicLevel::full) {
        remove_what_is_ours(root["messages"], edit);
    } else {
        anthropic::downgrade(request, options.level, edit);
    }
    return edit.apply();
}

// The request as the provider would get it if the client had sent its thinking as text.
std::string spliced_with_tags(const chat::Request& request, const SpliceOptions& options) {
    std::string body = anthropic::with_tagged_thinking(request, options.overlay->thinking_tag);
    chat::Request tagged;
    const bool usable = !body.empty() && anthropic::decode_request(std::move(body), tagged);
    return spliced(usable ? tagged : request, options);
}

}  // namespace

std::string splice(const chat::Request& request, const SpliceOptions& options) {
    const bool tags = options.overlay != nullptr && !options.overlay->thinking_tag.empty();
    std::string body = tags ? spliced_with_tags(request, options) : spliced(request, options);
    if (options.max_output_tokens > 0 && request.max_tokens > options.max_output_tokens) {
        body = anthropic::with_cap(std::move(body), options.max_output_tokens);
    }
    if (options.overlay != nullptr) {
        body = anthropic::with_overlay(std::move(body), *options.overlay);
    }
    return body;
}

std::optional<Error> unspliceable(const chat::Request& request, AnthropicLevel level) {
    return level == AnthropicLevel::full ? std::nullopt : request.native_only;
}

Result<Encoded> anthropic_splice(chat::Request& request, const EncodeOptions& options) {
    SpliceOptions how;
    how.model = options.model;
    how.level = options.profile->anthropic_level;
    how.model_in_url = options.model_in_url;
    how.envelope_key = options.envelope_key;
    how.max_output_tokens = options.max_output_tokens;
    how.overlay = options.overlay;
    how.force_stream = options.force_stream;
    if (auto refusal = unspliceable(request, how.level)) return *refusal;
    Encoded encoded;
    encoded.body = splice(request, how);
    return encoded;
}

}  // namespace ccr::dialect
