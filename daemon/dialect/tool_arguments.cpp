// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_arguments.hpp"

#include <algorithm>
#include <cstddef>

#include "common/json.hpp"
#include "common/text.hpp"

namespace ccr::dialect {
namespace {

constexpr std::size_t max_objects = 64;

Error no_object() {
    return {ErrorKind::malformed, "the arguments of a tool call are no JSON object"};
}

// Length of the first bracketed value in `text`, or 0.
std::size_t first_value(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

Result<std::vector<std::string>> read_arguments(std::string_view text) {
    text = trim(text);
    if (text.empty() || text == "null") return std::vector<std::string>{"{}"};
    std::vector<std::string> objects;
    json::Document document;
    while (!text.empty()) {
        if (text.front() != '{' || objects.size() >= max_objects) return no_object();
        const std::size_t size = first_value(text);
        auto value = document.parse_view(text.substr(0, size));
        if (size == 0 || !value || !value->is_object()) return no_object();
        std::string object(value->raw());
        if (objects.empty() || objects.back() != object) objects.push_back(std::move(object));
        text = trim(text.substr(size));
    }
    return objects;
}

}  // namespace ccr::dialect
