// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_ids.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

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

std::size_t hash_of(std::string_view id) {
    return std::hash<std::string_view>()(id);
}

}  // namespace

ToolIds::ToolIds(const chat::Request* request, std::string_view seed) : seed_(seed) {
    if (request == nullptr) return;
    for (const chat::Message& message : request->messages) {
        for (const chat::Block& block : message.content) {
            const auto* use = std::get_if<chat::ToolUse>(&block);
            if (use != nullptr) used_.push_back(hash_of(use->id));
        }
    }
    used_.shrink_to_fit();
}

std::string ToolIds::assign(std::string_view upstream_id) {
    std::string id(upstream_id);
    // An id in our own form would be unwrapped on its way back, so it needs a wrapping too: the
    // provider may be another router of this kind.
    const bool as_it_is = plain(id) && !id.starts_with(prefix);
    while (!as_it_is || used(id)) {
        id = std::string(prefix) + nonce() + '_' + base64url(upstream_id);
        if (!used(id)) break;
    }
    used_.push_back(hash_of(id));
    return id;
}

bool ToolIds::used(std::string_view id) const {
    return std::find(used_.begin(), used_.end(), hash_of(id)) != used_.end();
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
    const bool unwrapped = id.size() != client_id.size();
    if (style == ToolIdStyle::nine_alphanumerics) {
        const bool fits = id.size() == nine && std::all_of(id.begin(), id.end(), alphanumeric);
        return fits && !unwrapped ? id : hashed(client_id, nine);
    }
    // The provider's own spelling, whatever it looks like. A plain one was wrapped because an
    // earlier call had it too; then the wrapping is what tells the two apart.
    if (unwrapped && (!plain(id) || id.starts_with(prefix))) return id;
    if (plain(client_id)) return std::string(client_id);
    return "call_" + hashed(client_id, 24);
}

}  // namespace ccr::dialect
