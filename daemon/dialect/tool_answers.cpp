// SPDX-License-Identifier: MIT
#include "daemon/dialect/tool_answers.hpp"

#include <algorithm>
#include <iterator>

namespace ccr::dialect {

bool ToolAnswers::call(const chat::ToolUse& use) {
    if (!ids_.insert(use.id).second) return false;
    calls_.push_back(&use);
    return true;
}

void ToolAnswers::find(std::span<const openai_chat::Item> items) {
    rows_.clear();
    if (calls_.empty()) return;
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

Result<void> ToolAnswers::beside(const openai_chat::Item& item, chat::Request& request,
                                 openai_chat::BlockRenderer& renderer,
                                 openai_chat::Content& out) const {
    if (!item.text.empty()) {
        out.text(item.text);
        return {};
    }
    const auto* result = item.as<chat::ToolResult>();
    if (result == nullptr) return renderer.user(*item.block, out);
    if (!ids_.contains(result->tool_use_id)) return renderer.orphan(*result, out);
    if (of(result->tool_use_id) != result) request.warn("tool_result given twice");
    return {};
}

void ToolAnswers::clear() {
    calls_.clear();
    ids_.clear();
    rows_.clear();
}

void add_tails(const Overlay& overlay, chat::Request& request, openai_chat::Content& out) {
    if (!overlay.user_tail.empty()) out.text(request.keep(json::escape(overlay.user_tail)));
    if (!overlay.system_tail.empty()) out.text(request.keep(system_reminder(overlay.system_tail)));
}

}  // namespace ccr::dialect
