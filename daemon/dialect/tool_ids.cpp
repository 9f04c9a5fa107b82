// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_ids.hpp"

#include <algorithm>
#include <cstdint>

#include "common/digest.hpp"
#include "common/text.hpp"

namespace ccr::dialect {
namespace {

constexpr std::string_view prefix = "toolu_ccr_";
constexpr std::size_t nonce_length = 4;
constexpr std::size_t max_plain_length = 40;  // OpenAI takes no longer ones
constexpr std::size_t nine = 9;

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool plain(std::string_view id) {
    const auto fits = [](char c) { return alphanumeric(c) || c == '_' || c == '-'; };
    return !id.empty() && id.size() <= max_plain_length && std::all_of(id.begin(), id.end(), fits);
}

// `length` base62 characters out of a hash of `text`.
std::string hashed(std::string_view text, std::size_t length) {
    constexpr std::string_view digits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string out;
    for (const char c : sha256(text).substr(0, length)) {
        out += digits[static_cast<unsigned char>(c) % digits.size()];
    }
    return out;
}

bool has_tool_use(const chat::Blocks& blocks, std::string_view id) {
    return std::any_of(blocks.begin(), blocks.end(), [id](const chat::Block& block) {
        const auto* use = std::get_if<chat::ToolUse>(&block);
        return use != nullptr && use->id == id;
    });
}

}  // namespace

ToolIds::ToolIds(const chat::Request* request, std::string_view seed)
    : request_(request), seed_(seed) {}

std::string ToolIds::assign(std::string_view upstream_id) {
    std::string id(upstream_id);
    // An id in our own form would be unwrapped on its way back, so it needs a wrapping too: the
    // provider may be another router of this kind.
    const bool as_it_is = plain(id) && !id.starts_with(prefix);
    while (!as_it_is || used(id)) {
        id = std::string(prefix) + nonce() + '_' + base64url(upstream_id);
        if (!used(id)) break;
    }
    given_.push_back(id);
    return id;
}

bool ToolIds::used(std::string_view id) const {
    if (std::find(given_.begin(), given_.end(), id) != given_.end()) return true;
    if (request_ == nullptr) return false;
    const auto& messages = request_->messages;
    return std::any_of(messages.begin(), messages.end(), [id](const chat::Message& message) {
        return has_tool_use(message.content, id);
    });
}

std::string ToolIds::nonce() {
    return hashed(seed_ + '#' + std::to_string(count_++), nonce_length);
}

std::string upstream_tool_id(std::string_view client_id) {
    constexpr std::size_t start = prefix.size() + nonce_length + 1;
    if (client_id.starts_with(prefix) && client_id.size() > start && client_id[start - 1] == '_') {
        if (auto id = base64url_decode(client_id.substr(start)); id && !id->empty()) {
            return *std::move(id);
        }
    }
    return std::string(client_id);
}

std::string provider_tool_id(std::string_view client_id, ToolIdStyle style) {
    std::string id = upstream_tool_id(client_id);
    if (style == ToolIdStyle::nine_alphanumerics) {
        const bool fits = id.size() == nine && std::all_of(id.begin(), id.end(), alphanumeric);
        return fits ? id : hashed(id, nine);
    }
    // An unwrapped id is the provider's own spelling, whatever it looks like.
    if (id.size() != client_id.size() || plain(id)) return id;
    return "call_" + hashed(id, 24);
}

}  // namespace ccr::dialect
