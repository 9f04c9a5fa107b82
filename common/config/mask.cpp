// SPDX-License-Identifier: MIT
#include "common/config/mask.hpp"

#include <algorithm>
#include <array>

#include "common/config/schema.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Value;

std::string below(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string element(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

class Masker {
  public:
    explicit Masker(const SecretText& text) : text_(text) {}

    void root(Value& value) {
        for (json5::Member& member : value.members)
            member_of("", "", member);
    }

  private:
    void one(std::string& text, const std::string& path) {
        if (!text.empty() && !only_reference(text)) text = text_(path);
    }

    void all(Value& value, const std::string& path) {
        if (value.is_string()) one(value.text, path);
        for (std::size_t i = 0; i < value.items.size(); ++i)
            all(value.items[i], element(path, i));
        for (json5::Member& member : value.members)
            all(member.value, below(path, member.key));
    }

    // Keeps scheme, host and path. Variables may stand anywhere, so this is no URL parser.
    void url(std::string& text, const std::string& path) {
        if (const auto query = text.find('?'); query != std::string::npos) {
            text.erase(query + 1);
            text += text_(path);
        }
        const auto scheme = text.find("://");
        const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
        const auto at = text.rfind('@', std::min(text.find('/', begin), text.size()));
        if (at == std::string::npos || at < begin) return;
        if (!only_reference(std::string_view(text).substr(begin, at - begin)))
            text.replace(begin, at - begin, text_(path));
    }

    // The schema says nothing about it.
    void free(Value& value, const std::string& path, std::string_view name) {
        if (value.is_string() && telling_name(name)) one(value.text, path);
        for (std::size_t i = 0; i < value.items.size(); ++i)
            free(value.items[i], element(path, i), name);
        for (json5::Member& member : value.members)
            free(member.value, below(path, member.key), member.key);
    }

    void member_of(std::string_view row, const std::string& path, json5::Member& member) {
        const Key* key = find_child(row, member.key);
        const std::string own = below(path, member.key);
        if (key != nullptr) {
            known(member.value, *key, own, member.key);
        } else {
            free(member.value, own, member.key);
        }
    }

    void known(Value& value, const Key& key, const std::string& path, std::string_view name) {
        if (is_secret(key.kind)) return all(value, path);
        if (key.kind == Kind::url && value.is_string()) return url(value.text, path);
        if (key.kind == Kind::any) return free(value, path, name);
        const Key* row = find_key(std::string(key.path) + "[]");
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            if (row != nullptr) {
                known(value.items[i], *row, element(path, i), name);
            } else {
                free(value.items[i], element(path, i), name);
            }
        }
        for (json5::Member& member : value.members)
            member_of(key.path, path, member);
    }

    const SecretText& text_;
};

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

void replace_secrets(Value& root, const SecretText& text) {
    Masker(text).root(root);
}

void mask_secrets(Value& root) {
    replace_secrets(root, [](const std::string&) { return std::string(masked); });
}

}  // namespace ccr::config
