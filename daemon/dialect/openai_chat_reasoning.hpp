// SPDX-License-Identifier: MIT
// Earlier reasoning on its way back to the provider it came from. Private to the dialect.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/openai_chat_turns.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::dialect::openai_chat {

// What can be given back with one assistant turn. Reasoning of other families and what carries no
// envelope of ours is left out.
struct Reasoning {
    std::vector<std::string_view> texts;       // escaped
    std::string_view details;                  // reasoning_details, a JSON array
    std::vector<std::string_view> signatures;  // one per tool use, decoded; may be empty

    [[nodiscard]] bool empty() const { return texts.empty() && details.empty(); }
    void clear();
};

class ReasoningReader {
  public:
    ReasoningReader(chat::Request& request, const Profile& profile, std::string_view key)
        : request_(request), profile_(profile), key_(key) {}

    // Fills `out` with what the items of an assistant turn give back.
    void read(std::span<const Item> items, Reasoning& out);

  private:
    void block(std::string_view signature, std::string_view text, Reasoning& out);
    void payload(std::string content, Reasoning& out);

    chat::Request& request_;
    const Profile& profile_;
    std::string_view key_;
    std::string_view signature_;  // waits for the tool use that follows
};

// The members of an assistant message that carry reasoning beside its content.
void write_reasoning(json::Writer& out, const Reasoning& reasoning, const Profile& profile,
                     bool has_tools);

}  // namespace ccr::dialect::openai_chat
