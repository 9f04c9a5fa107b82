// SPDX-License-Identifier: MIT
// Reasoning that a model writes into its text as <think>…</think>, told apart. Only at the very
// beginning of a reply: a tag that is written about further down is text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccr::dialect {

class ThinkTags {
  public:
    struct Piece {
        bool reasoning = false;
        std::string text;  // decoded, never empty
    };

    // `implicit`: the chat template has opened the tag already, so only its end is to be seen.
    explicit ThinkTags(bool implicit) : implicit_(implicit) {}

    // From here on text is nothing but text: there is no need to ask any more.
    [[nodiscard]] bool settled() const { return state_ == State::text; }
    // Takes decoded text and gives what is certain of all so far, in order.
    [[nodiscard]] std::vector<Piece> feed(std::string_view text);
    // No more text comes before whatever comes next: gives what was held back, and settles.
    [[nodiscard]] std::vector<Piece> settle();

  private:
    enum class State : std::uint8_t { start, thinking, closed, text };
    using Pieces = std::vector<Piece>;

    bool step(Pieces& out);
    bool at_start(Pieces& out);
    bool in_thinking(Pieces& out);
    bool behind_tag();
    void give(Pieces& out, bool reasoning, std::size_t size);

    State state_ = State::start;
    bool implicit_;
    std::string held_;
};

}  // namespace ccr::dialect
