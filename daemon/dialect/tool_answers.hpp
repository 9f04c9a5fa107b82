// SPDX-License-Identifier: MIT
// The results that a user turn holds for the calls of the turn before it. Private to the encoders.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/chat/request.hpp"
#include "daemon/dialect/openai_chat_turns.hpp"

namespace ccr::dialect {

class ToolAnswers {
  public:
    // Looks through a turn's items, which have to outlive the answers.
    void find(std::span<const openai_chat::Item> items);
    void clear() { rows_.clear(); }
    // Of several results of one call the last counts. Null: there is none.
    [[nodiscard]] const chat::ToolResult* of(std::string_view id) const;

  private:
    std::vector<std::pair<std::string_view, const chat::ToolResult*>> rows_;  // sorted by id
};

}  // namespace ccr::dialect
