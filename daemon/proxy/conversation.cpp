// SPDX-License-Identifier: MIT
#include "daemon/proxy/conversation.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "daemon/route/session.hpp"

namespace ccr::proxy {
namespace {

// Enough to tell conversations apart without reading a large prompt.
constexpr std::size_t looked_at = 4096;
// A block of the client's own accounting, different in each request.
constexpr std::string_view billing_block = "x-anthropic-billing-header";

std::uint64_t mixed(std::uint64_t hash, std::uint64_t more) {
    return (hash ^ more) * 0x9E3779B97F4A7C15ULL ^ (hash >> 29U);
}

std::uint64_t hash_of(std::string_view text) {
    return std::hash<std::string_view>()(text.substr(0, looked_at));
}

std::uint64_t beginning_of(const chat::Request& chat) {
    std::uint64_t hash = 1;
    for (const auto& block : chat.system) {
        if (!block.text.bytes.starts_with(billing_block))
            hash = mixed(hash, hash_of(block.text.bytes));
    }
    const auto first =
        std::find_if(chat.messages.begin(), chat.messages.end(),
                     [](const chat::Message& message) { return message.role == chat::Role::user; });
    if (first == chat.messages.end()) return hash;
    for (const auto& block : first->content) {
        const auto* text = std::get_if<chat::Text>(&block);
        if (text != nullptr) hash = mixed(hash, hash_of(text->text.bytes));
    }
    return hash;
}

}  // namespace

std::uint64_t conversation_hash(const Turn& turn, std::uint64_t target) {
    std::string named;
    std::string_view session = turn.session;
    if (session.empty()) {
        named = route::session_id(turn.http.headers.get("x-claude-code-session-id"),
                                  turn.chat->user_id);
        session = named;
    }
    const std::uint64_t base = session.empty() ? beginning_of(*turn.chat) : hash_of(session);
    return std::max<std::uint64_t>(mixed(base, target), 1);
}

}  // namespace ccr::proxy
