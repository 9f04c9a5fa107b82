// SPDX-License-Identifier: MIT
#include "common/config/mask.hpp"

#include <algorithm>
#include <array>

#include "common/config/schema.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Value;

void mask_text(std::string& text) {
    if (!text.empty() && !only_reference(text)) text = masked;
}

void mask_all(Value& value) {
    if (value.is_string()) mask_text(value.text);
    for (Value& item : value.items)
        mask_all(item);
    for (json5::Member& member : value.members)
        mask_all(member.value);
}

// Keeps scheme, host and path. Variables may stand anywhere, so this is no URL parser.
void mask_url(std::string& text) {
    if (const auto query = text.find('?'); query != std::string::npos) {
        text.erase(query + 1);
        text += masked;
    }
    const auto scheme = text.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    const auto at = text.rfind('@', std::min(text.find('/', begin), text.size()));
    if (at == std::string::npos || at < begin) return;
    if (!only_reference(std::string_view(text).substr(begin, at - begin)))
        text.replace(begin, at - begin, masked);
}

void mask_free(Value& value, std::string_view name) {
    if (value.is_string() && telling_name(name)) mask_text(value.text);
    for (Value& item : value.items)
        mask_free(item, name);
    for (json5::Member& member : value.members)
        mask_free(member.value, member.key);
}

void mask_row(Value& value, const Key& key, std::string_view name);

void mask_below(Value& value, const Key& key, std::string_view name) {
    const Key* element = find_key(std::string(key.path) + "[]");
    for (Value& item : value.items) {
        if (element != nullptr) {
            mask_row(item, *element, name);
        } else {
            mask_free(item, name);
        }
    }
    for (json5::Member& member : value.members) {
        const Key* below = find_child(key.path, member.key);
        if (below != nullptr) {
            mask_row(member.value, *below, member.key);
        } else {
            mask_free(member.value, member.key);
        }
    }
}

void mask_row(Value& value, const Key& key, std::string_view name) {
    if (is_secret(key.kind)) {
        mask_all(value);
    } else if (key.kind == Kind::url && value.is_string()) {
        mask_url(value.text);
    } else if (key.kind == Kind::any) {
        mask_free(value, name);
    } else {
        mask_below(value, key, name);
    }
}

}  // namespace

bool only_reference(std::string_view text) {
    if (!text.starts_with("$")) return false;
    text.remove_prefix(1);
    const bool braces = text.starts_with("{") && text.ends_with("}");
    if (braces) text = text.substr(1, text.size() - 2);
    return !text.empty() && std::all_of(text.begin(), text.end(), [braces](char c) {
        const bool capital = (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
        return capital || (braces && (c == '-' || c == '.' || (c >= 'a' && c <= 'z')));
    });
}

bool telling_name(std::string_view key) {
    constexpr std::array<std::string_view, 8> words{"key",    "token", "secret", "password",
                                                    "passwd", "auth",  "cookie", "credential"};
    return std::any_of(words.begin(), words.end(),
                       [key](std::string_view word) { return icontains(key, word); });
}

void mask_secrets(Value& root) {
    for (json5::Member& member : root.members) {
        const Key* key = find_child("", member.key);
        if (key != nullptr) {
            mask_row(member.value, *key, member.key);
        } else {
            mask_free(member.value, member.key);
        }
    }
}

}  // namespace ccr::config
