// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_answers.hpp"

#include <algorithm>
#include <iterator>

namespace ccr::dialect {

void ToolAnswers::find(std::span<const openai_chat::Item> items) {
    rows_.clear();
    for (const openai_chat::Item& item : items) {
        const auto* result = item.as<chat::ToolResult>();
        if (result != nullptr) rows_.emplace_back(result->tool_use_id, result);
    }
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
}

const chat::ToolResult* ToolAnswers::of(std::string_view id) const {
    const auto behind = std::upper_bound(
        rows_.begin(), rows_.end(), id,
        [](std::string_view wanted, const auto& row) { return wanted < row.first; });
    if (behind == rows_.begin()) return nullptr;
    const auto& last = *std::prev(behind);
    return last.first == id ? last.second : nullptr;
}

}  // namespace ccr::dialect
