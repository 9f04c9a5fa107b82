// SPDX-License-Identifier: MIT
// The conversation as alternating turns, which is what Chat providers expect: consecutive messages
// of one side are merged, what has nothing to say is left out. Private to the dialect.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/chat/request.hpp"
#include "daemon/dialect/openai_chat_blocks.hpp"

namespace ccr::dialect::openai_chat {

// A block of a turn, or a whole mid-conversation system message (which stands in a user turn).
struct Item {
    const chat::Block* block = nullptr;
    const chat::Message* system = nullptr;
    std::string_view text = {};  // of a block that has to be told in words

    template <typename T>
    [[nodiscard]] const T* as() const {
        return block != nullptr ? std::get_if<T>(block) : nullptr;
    }
};

class Turns {
  public:
    struct Turn {
        bool assistant = false;
        std::uint32_t begin = 0;  // of the items
        std::uint32_t end = 0;
        bool speaks = false;  // holds more than reasoning
    };

    Turns(const chat::Request& request, BlockRenderer& renderer);

    // System messages in front of everything else; they belong to the head.
    [[nodiscard]] const std::vector<const chat::Message*>& leading() const { return leading_; }
    [[nodiscard]] const std::vector<Turn>& turns() const { return turns_; }
    [[nodiscard]] std::span<const Item> items(const Turn& turn) const {
        return std::span(items_).subspan(turn.begin, turn.end - turn.begin);
    }

  private:
    void add(const chat::Message& message, bool user_follows);
    void add_assistant(const chat::Message& message);
    void add_user(const chat::Message& message);
    void add_system(const chat::Message& message);
    Turn& open(bool assistant);
    void put(Turn& turn, Item item, bool speaks);
    void drop_silent();

    BlockRenderer& renderer_;
    std::vector<const chat::Message*> leading_;
    std::vector<Turn> turns_;
    std::vector<Item> items_;
};

// The system prompt, with the messages that belong to it and `instruction` (escaped, may be empty)
// at its end.
void add_system(const chat::Request& request, const Turns& turns, std::string_view instruction,
                Content& out);

}  // namespace ccr::dialect::openai_chat
