// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "common/utf8.hpp"
#include "daemon/dialect/classify.hpp"

namespace ccr::dialect {
namespace {

constexpr std::size_t max_shown = 2000;
constexpr std::string_view redacted = "[redacted]";
constexpr std::size_t min_secret = 6;  // characters behind the prefix; "sk-" alone tells nothing

// How credentials and account names begin.
constexpr std::array<std::string_view, 16> secret_prefixes{
    "sk-",  "sk_", "AIza", "arn:",  "gsk_",  "xai-", "pplx-", "AKIA",
    "ASIA", "eyJ", "org-", "proj_", "ya29.", "hf_",  "r8_",   "key-"};
constexpr std::string_view bearer = "bearer ";

bool in_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:/+=*~").find(c) != std::string_view::npos;
}

std::size_t token_length(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), in_token);
    return static_cast<std::size_t>(end - text.begin());
}

// Length of the secret that `text` begins with, or 0.
std::size_t secret_length(std::string_view text) {
    if (text.size() > bearer.size() && iequals(text.substr(0, bearer.size()), bearer)) {
        return bearer.size() + token_length(text.substr(bearer.size()));
    }
    for (const std::string_view prefix : secret_prefixes) {
        if (!text.starts_with(prefix)) continue;
        const std::size_t length = token_length(text);
        if (length >= prefix.size() + min_secret) return length;
    }
    return 0;
}

std::string mask_secrets(std::string_view text) {
    std::string out;
    bool at_word = true;
    while (!text.empty()) {
        if (const std::size_t secret = at_word ? secret_length(text) : 0; secret > 0) {
            out += redacted;
            text.remove_prefix(secret);
            continue;
        }
        const char c = text.front();
        at_word = !in_token(c) || c == '=' || c == ':' || c == '/';
        out += c;
        text.remove_prefix(1);
    }
    return out;
}

std::string one_line(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool space = ascii_space(c) || static_cast<unsigned char>(c) < 0x20;
        if (space && (out.empty() || out.back() == ' ')) continue;
        out += space ? ' ' : c;
    }
    return out;
}

}  // namespace

std::string sanitise(std::string_view text) {
    text = trim(text.substr(0, max_error_body));
    if (text.starts_with("<!") || icontains(text, "<html") || icontains(text, "<body")) return {};
    std::string out = mask_secrets(one_line(text));
    if (out.size() > max_shown) {
        out.resize(utf8::complete_prefix(std::string_view(out).substr(0, max_shown)));
        out += "…";
    }
    if (!utf8::valid(out)) {
        std::replace_if(
            out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
            '?');
    }
    return out;
}

}  // namespace ccr::dialect
