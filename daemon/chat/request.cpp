// SPDX-License-Identifier: MIT
#include "daemon/chat/request.hpp"

#include <algorithm>

namespace ccr::chat {
namespace {

constexpr std::size_t max_warnings = 16;
constexpr std::size_t max_length = 64;

// Names of fields come from the client at times, and end in a header's comma-separated list.
bool unfit(char c) {
    return c <= ' ' || c > '~' || c == ',' || c == '"';
}

}  // namespace

void Request::warn(std::string_view field) {
    std::string text(field.substr(0, max_length));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c != ' ' && unfit(c); }, '?');
    const bool known = std::find(warnings.begin(), warnings.end(), text) != warnings.end();
    if (!known && warnings.size() < max_warnings) warnings.push_back(std::move(text));
}

}  // namespace ccr::chat
