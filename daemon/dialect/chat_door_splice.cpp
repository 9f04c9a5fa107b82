// SPDX-License-Identifier: MIT
// Requests from Chat Completions clients to providers of the same format: the client's own bytes,
// where the provider's dialect of it takes them. What an encoder would have to put in other words
// is encoded.
#include <algorithm>
#include <variant>

#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/door_parts.hpp"
#include "daemon/dialect/extra_members.hpp"
#include "daemon/dialect/json_edit.hpp"

namespace ccr::dialect::chat_door {
namespace {

bool block_fits(const chat::Block& block, const Profile& profile) {
    if (std::holds_alternative<chat::Image>(block)) return profile.images;
    if (std::holds_alternative<chat::Document>(block)) return profile.documents;
    if (const auto* thought = std::get_if<chat::Thinking>(&block)) {
        return !thought->signature.starts_with(our_seal);
    }
    const bool call = std::holds_alternative<chat::ToolUse>(block) ||
                      std::holds_alternative<chat::ToolResult>(block);
    return !call || profile.tool_ids == ToolIdStyle::any;
}

bool messages_fit(const chat::Request& request, const Profile& profile) {
    for (const chat::Message& message : request.messages) {
        if (message.role == chat::Role::system && profile.mid_system == MidSystem::wrap) {
            return false;
        }
        for (const chat::Block& block : message.content) {
            if (!block_fits(block, profile)) return false;
        }
    }
    if (profile.family == "openai") return true;
    // Imitations know a system's text, and a tool's answer as one string only.
    for (const json::Value message : request.document.root()["messages"].elements()) {
        const std::string_view role = message["role"].str();
        if (role == "developer" && !profile.developer_role) return false;
        if (role == "tool" && !message["content"].is_string()) return false;
    }
    return true;
}

bool tools_fit(const chat::Request& request, const Profile& profile) {
    if (request.tools.empty()) return true;
    using Kind = chat::ToolChoice::Kind;
    const Kind choice = request.tool_choice.kind;
    const bool forced = choice == Kind::any || choice == Kind::tool;
    if (forced && profile.tool_choice != ToolChoiceSupport::full) return false;
    if (profile.schema != SchemaStyle::plain || profile.tool_stream) return false;
    if (request.tool_choice.disable_parallel && !profile.parallel_tool_calls) return false;
    // Custom tools are OpenAI's own, and so is asking for a search.
    return std::none_of(request.tools.begin(), request.tools.end(), [&](const chat::Tool& tool) {
        return !tool.type.empty() || (tool.freeform && profile.family != "openai") ||
               (tool.strict.value_or(false) && !profile.strict_tools);
    });
}

bool settings_fit(const chat::Request& request, const EncodeOptions& options) {
    const Profile& profile = *options.profile;
    const json::Value root = request.document.root();
    const bool newer = root["max_completion_tokens"].present();
    const bool older = root["max_tokens"].present();
    const bool takes_newer = profile.max_tokens_field != MaxTokensField::max_tokens;
    if ((newer && !takes_newer) || (older && takes_newer)) return false;
    if (options.max_output_tokens > 0 && request.max_tokens > options.max_output_tokens) {
        return false;
    }
    const bool effort = root["reasoning_effort"].present();
    if (effort && profile.thinking != ThinkingStyle::reasoning_effort) return false;
    const bool sampled = !request.temperature.empty() || !request.top_p.empty();
    if (sampled && !profile.sampling) return false;
    if (request.stop_sequences.size() > profile.max_stop_sequences) return false;
    return !request.output_schema.is_object() || profile.json_output == JsonOutput::json_schema;
}

// The counts are wanted; a client that asked for logarithms wants the reply as it comes.
bool adds_usage(const chat::Request& request, const EncodeOptions& options) {
    return options.stream(request) && !request.stream_usage && options.profile->stream_options &&
           !request.document.root()["logprobs"].boolean();
}

}  // namespace

bool can_splice(const chat::Request& request, const EncodeOptions& options) {
    const Profile& profile = *options.profile;
    if (options.overlay != nullptr && !members_only(*options.overlay)) return false;
    return messages_fit(request, profile) && tools_fit(request, profile) &&
           settings_fit(request, options);
}

Result<Encoded> splice(chat::Request& request, const EncodeOptions& options) {
    Encoded encoded;
    encoded.reply_shows_more = adds_usage(request, options);
    const bool stream = options.stream(request);
    JsonEdit edit(request.document.source());
    const json::Value root = request.document.root();
    bool stream_seen = false;
    // All of duplicate keys: servers differ in which one they take.
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key.str();
        if (key == "model") edit.replace(member.value, quoted(options.model));
        if (key == "stream") {
            stream_seen = true;
            if (member.value.boolean() != stream) {
                edit.replace(member.value, stream ? "true" : "false");
            }
        }
        if (key != "stream_options") continue;
        // Not without a stream, and with the counts where they are asked for.
        const bool wrong = !stream || encoded.reply_shows_more;
        if (wrong) edit.replace(member.value, stream ? R"({"include_usage":true})" : "null");
    }
    if (stream && !stream_seen) edit.append_member(root, R"("stream":true)");
    if (encoded.reply_shows_more && !root["stream_options"]) {
        edit.append_member(root, R"("stream_options":{"include_usage":true})");
    }
    encoded.body = edit.apply();
    if (options.overlay != nullptr && !options.overlay->members.empty()) {
        encoded.body = with_members(std::move(encoded.body), options.overlay->members);
    }
    return encoded;
}

}  // namespace ccr::dialect::chat_door
