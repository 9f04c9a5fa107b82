// SPDX-License-Identifier: MIT
// Where the entries of a JSON5 object or array stand in its text. Internal to common/config; the
// text must be one that json5::parse accepts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::config {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;  // one past the last byte
};

struct Entry {
    std::string key;  // decoded; of an array's element: empty
    Span whole;       // from the key, or the element's first byte, to the value's end
    Span value;
    std::size_t comma = std::string_view::npos;  // the one behind it
};

struct Layout {
    bool object = false;
    Span whole;  // with its brackets
    std::vector<Entry> entries;
};

// The first byte of the document's value.
[[nodiscard]] std::size_t start_of_value(std::string_view text);
[[nodiscard]] bool at_container(std::string_view text, std::size_t offset);
// `offset`: of the opening bracket.
[[nodiscard]] Layout layout_at(std::string_view text, std::size_t offset);

}  // namespace ccr::config
