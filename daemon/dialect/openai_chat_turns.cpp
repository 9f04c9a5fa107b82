// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_turns.hpp"

#include <algorithm>

#include "daemon/dialect/system_text.hpp"

namespace ccr::dialect::openai_chat {
namespace {

bool has_text(const chat::Message& message) {
    return std::any_of(
        message.content.begin(), message.content.end(),
        [](const chat::Block& block) { return std::holds_alternative<chat::Text>(block); });
}

bool is_reasoning(const chat::Block& block) {
    return std::holds_alternative<chat::Thinking>(block) ||
           std::holds_alternative<chat::RedactedThinking>(block);
}

void add_system_text(const chat::Text& said, Content& out) {
    const std::string_view text = without_billing_header(said.text.bytes);
    if (text.empty()) return;
    out.open_text(said.cache_control);
    out.add(text);
}

}  // namespace

Turns::Turns(const chat::Request& request, BlockRenderer& renderer) : renderer_(renderer) {
    const auto& messages = request.messages;
    const auto last_user =
        std::find_if(messages.rbegin(), messages.rend(),
                     [](const chat::Message& message) { return message.role == chat::Role::user; });
    const auto users_end = static_cast<std::size_t>(messages.rend() - last_user);
    items_.reserve(messages.size() * 2);
    turns_.reserve(messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i)
        add(messages[i], i < users_end);
    drop_silent();
}

void Turns::add(const chat::Message& message, bool user_follows) {
    switch (message.role) {
        case chat::Role::user:
            return add_user(message);
        case chat::Role::assistant:
            return add_assistant(message);
        case chat::Role::system:
            if (!(message.until_next_user && user_follows)) add_system(message);
            return;
    }
}

Turns::Turn& Turns::open(bool assistant) {
    if (!turns_.empty() && turns_.back().assistant != assistant) drop_silent();
    if (turns_.empty() || turns_.back().assistant != assistant) {
        const auto begin = static_cast<std::uint32_t>(items_.size());
        turns_.push_back({assistant, begin, begin, false});
    }
    return turns_.back();
}

// A turn of nothing but reasoning: without it its neighbours become one.
void Turns::drop_silent() {
    if (turns_.empty() || turns_.back().speaks) return;
    items_.resize(turns_.back().begin);
    turns_.pop_back();
}

void Turns::put(Turn& turn, Item item, bool speaks) {
    items_.push_back(item);
    turn.end = static_cast<std::uint32_t>(items_.size());
    turn.speaks = turn.speaks || speaks;
}

void Turns::add_user(const chat::Message& message) {
    if (message.content.empty()) return;
    Turn& turn = open(false);
    for (const chat::Block& block : message.content) {
        const bool speaks = !std::holds_alternative<chat::Opaque>(block) &&
                            !std::holds_alternative<chat::ToolReference>(block);
        put(turn, {&block}, speaks);
    }
}

void Turns::add_assistant(const chat::Message& message) {
    if (message.content.empty()) return;
    for (const chat::Block& block : message.content) {
        if (is_reasoning(block)) {
            put(open(true), {&block}, false);
        } else if (std::holds_alternative<chat::Text>(block) ||
                   std::holds_alternative<chat::ToolUse>(block)) {
            put(open(true), {&block}, true);
        } else if (const auto text = renderer_.assistant_text(block); !text.empty()) {
            // A summary of what was said before is nothing that the model said itself.
            const bool summary = std::holds_alternative<chat::Opaque>(block);
            put(open(!summary), {nullptr, nullptr, text}, true);
        }
    }
}

void Turns::add_system(const chat::Message& message) {
    if (!has_text(message)) return;
    if (turns_.empty()) {
        leading_.push_back(&message);
        return;
    }
    put(open(false), {nullptr, &message}, true);
}

void add_system(const chat::Request& request, const Turns& turns, std::string_view instruction,
                Content& out) {
    for (const chat::Text& text : request.system)
        add_system_text(text, out);
    for (const chat::Message* message : turns.leading()) {
        for (const chat::Block& block : message->content) {
            if (const auto* text = std::get_if<chat::Text>(&block)) add_system_text(*text, out);
        }
    }
    if (!instruction.empty()) out.text(instruction);
}

}  // namespace ccr::dialect::openai_chat
