// SPDX-License-Identifier: MIT
#include "daemon/route/session.hpp"

#include <algorithm>

#include "common/json.hpp"
#include "common/text.hpp"

namespace ccr::route {
namespace {

constexpr std::size_t max_length = 128;
constexpr std::string_view old_mark = "_session_";

std::string from_json(std::string_view user_id) {
    json::Document document;
    const auto root = document.parse_view(user_id);
    return root ? std::string((*root)["session_id"].str()) : std::string();
}

// Up to the next mark, as Node's split does.
std::string_view behind_mark(std::string_view user_id) {
    const auto at = user_id.find(old_mark);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = user_id.substr(at + old_mark.size());
    return rest.substr(0, rest.find(old_mark));
}

}  // namespace

bool valid_session_id(std::string_view id) {
    return !id.empty() && id.size() <= max_length && std::all_of(id.begin(), id.end(), [](char c) {
        const char low = ascii_lower(c);
        return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string session_id(std::string_view header, std::string_view user_id) {
    if (const auto id = trim(header); valid_session_id(id)) return std::string(id);
    const std::string_view user = trim(user_id);
    std::string id = user.starts_with('{') ? from_json(user) : std::string(behind_mark(user));
    return valid_session_id(id) ? id : std::string();
}

}  // namespace ccr::route
