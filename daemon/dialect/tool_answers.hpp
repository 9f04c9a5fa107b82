// SPDX-License-Identifier: MIT
// The calls of an assistant turn and what the user turn behind it answers. Private to the encoders.
#pragma once

#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "daemon/chat/request.hpp"
#include "daemon/dialect/openai_chat_turns.hpp"
#include "daemon/dialect/overlay.hpp"

namespace ccr::dialect {

// Forgets by clear(); what it is given has to outlive that.
class ToolAnswers {
  public:
    // A call that waits for its answer. False: its id was there before, so nobody could tell the
    // two apart.
    bool call(const chat::ToolUse& use);
    [[nodiscard]] const std::vector<const chat::ToolUse*>& calls() const { return calls_; }
    // Looks for answers among a user turn's items.
    void find(std::span<const openai_chat::Item> items);
    // Of several answers the last counts. Null: there is none.
    [[nodiscard]] const chat::ToolResult* of(std::string_view id) const;
    // Renders what an item (no system message) says beside the answers, to `out`.
    Result<void> beside(const openai_chat::Item& item, chat::Request& request,
                        openai_chat::BlockRenderer& renderer, openai_chat::Content& out) const;
    void clear();

  private:
    std::vector<const chat::ToolUse*> calls_;
    std::unordered_set<std::string_view> ids_;
    std::vector<std::pair<std::string_view, const chat::ToolResult*>> rows_;  // sorted by id
};

// What the overlay says to the model, at the end of a user's turn.
void add_tails(const Overlay& overlay, chat::Request& request, openai_chat::Content& out);

}  // namespace ccr::dialect
