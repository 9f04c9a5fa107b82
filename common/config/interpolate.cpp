// SPDX-License-Identifier: MIT
#include "common/config/interpolate.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "common/paths.hpp"

namespace ccr::config {
namespace {

bool name_start(char c) {
    return (c >= 'A' && c <= 'Z') || c == '_';
}
bool name_part(char c) {
    return name_start(c) || (c >= '0' && c <= '9');
}

struct Reference {
    std::string_view name;
    std::string_view fallback;
    bool has_fallback = false;
    std::size_t length = 0;  // in the text; 0: this '$' starts no reference
};

Reference braced(std::string_view text) {
    const auto close = text.find('}');
    if (close == std::string_view::npos || close == 2) return {};
    const std::string_view inside = text.substr(2, close - 2);
    const auto split = inside.find(":-");
    if (split == std::string_view::npos) return {inside, {}, false, close + 1};
    return {inside.substr(0, split), inside.substr(split + 2), true, close + 1};
}

// `text` begins with '$'.
Reference reference(std::string_view text) {
    if (text.substr(1, 1) == "{") return braced(text);
    std::size_t end = 1;
    if (end < text.size() && name_start(text[end])) {
        while (end < text.size() && name_part(text[end]))
            ++end;
    }
    if (end == 1) return {};
    return {text.substr(1, end - 1), {}, false, end};
}

constexpr std::size_t max_credential = 64U << 10U;

// The credential's content, or nothing. A name with a slash is no file in that directory.
std::optional<std::string> credential(const std::string& directory, std::string_view name) {
    if (name.empty() || name.front() == '.' ||
        name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string path = directory + "/" + std::string(name);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    if (static_cast<std::size_t>(info.st_size) > max_credential) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace

Expanded expand(std::string_view text, const Lookup& lookup) {
    Expanded out;
    while (!text.empty()) {
        const auto dollar = text.find('$');
        out.text += text.substr(0, dollar);
        if (dollar == std::string_view::npos) break;
        text.remove_prefix(dollar);
        const Reference found = reference(text);
        if (found.length == 0) {
            out.text += '$';
            text.remove_prefix(1);
            continue;
        }
        out.used_variable = true;
        const std::optional<std::string> value = lookup(found.name);
        if (value && !value->empty()) {
            out.text += *value;
        } else if (found.has_fallback) {
            out.text += found.fallback;
        } else {
            out.undefined.emplace_back(found.name);
            out.text += text.substr(0, found.length);
        }
        text.remove_prefix(found.length);
    }
    return out;
}

Lookup system_lookup() {
    return [](std::string_view name) -> std::optional<std::string> {
        if (const auto directory = paths::environment("CREDENTIALS_DIRECTORY")) {
            if (auto value = credential(*directory, name)) return value;
        }
        if (const std::string own = paths::user_credentials(); !own.empty()) {
            if (auto value = credential(own, name)) return value;
        }
        return paths::environment(name);
    };
}

}  // namespace ccr::config
