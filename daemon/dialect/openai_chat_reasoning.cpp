// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_reasoning.hpp"

#include "daemon/dialect/envelope.hpp"

namespace ccr::dialect::openai_chat {
namespace {

// How a payload begins, see envelope.hpp.
constexpr char hidden_text = 't';
constexpr char details_array = '[';
constexpr char opaque_state = 'x';

void write_texts(json::Writer& out, std::string_view key, const Reasoning& reasoning) {
    out.key(key).begin_string();
    for (const std::string_view text : reasoning.texts)
        out.append_escaped_text(text);
    out.end_string();
}

}  // namespace

void Reasoning::clear() {
    texts.clear();
    details = {};
    signatures.clear();
}

void ReasoningReader::read(std::span<const Item> items, Reasoning& out) {
    out.clear();
    if (profile_.reasoning_field == ReasoningField::none) return;
    if (profile_.reasoning_return == ReasoningReturn::never) return;
    signature_ = {};
    for (const Item& item : items) {
        if (const auto* thinking = item.as<chat::Thinking>()) {
            block(thinking->signature, thinking->text.bytes, out);
        } else if (const auto* redacted = item.as<chat::RedactedThinking>()) {
            block(redacted->data, {}, out);
        } else if (item.as<chat::ToolUse>() != nullptr) {
            out.signatures.push_back(signature_);
            signature_ = {};
        }
    }
}

void ReasoningReader::block(std::string_view signature, std::string_view text, Reasoning& out) {
    auto envelope = unseal(key_, signature);
    if (!envelope || envelope->family != profile_.family) return;
    if (!text.empty()) out.texts.push_back(text);
    if (!envelope->payload.empty()) payload(std::move(envelope->payload), out);
}

void ReasoningReader::payload(std::string content, Reasoning& out) {
    switch (content.front()) {
        case hidden_text:
            out.texts.push_back(request_.keep(json::escape(std::string_view(content).substr(1))));
            break;
        case details_array:
            // The seal says that we made it; the check keeps a broken provider's bytes out of the
            // body all the same.
            if (json::Document().parse_view(content)) {
                out.details = request_.keep(std::move(content));
            }
            break;
        case opaque_state:
            signature_ = request_.keep(content.substr(1));
            break;
        default:
            break;
    }
}

void write_reasoning(json::Writer& out, const Reasoning& reasoning, const Profile& profile,
                     bool has_tools) {
    const bool even_empty = profile.reasoning_return == ReasoningReturn::always_even_empty;
    if (profile.reasoning_return == ReasoningReturn::tool_turns && !has_tools) return;
    if (reasoning.empty() && !even_empty) return;
    switch (profile.reasoning_field) {
        case ReasoningField::reasoning_content:
            return write_texts(out, "reasoning_content", reasoning);
        case ReasoningField::reasoning:
            return write_texts(out, "reasoning", reasoning);
        case ReasoningField::reasoning_details:
            if (reasoning.details.empty()) return write_texts(out, "reasoning", reasoning);
            out.key("reasoning_details").raw(reasoning.details);
            return;
        case ReasoningField::none:
        case ReasoningField::think_tags:         // part of the content
        case ReasoningField::content_parts:      // part of the content
        case ReasoningField::thought_signature:  // part of the tool calls
        case ReasoningField::reasoning_item:     // of another format
            return;
    }
}

}  // namespace ccr::dialect::openai_chat
