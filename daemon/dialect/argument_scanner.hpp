// SPDX-License-Identifier: MIT
// Watches the arguments of a tool call go by, in pieces, and tells when their JSON value is whole.
// Reads the JSON-escaped spelling, so nothing is unescaped or kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/chat/request.hpp"

namespace ccr::dialect {

class ArgumentScanner {
  public:
    void read(chat::Escaped fragment);
    // A bracketed or quoted value has ended. Bare literals never count: more digits might follow.
    [[nodiscard]] bool complete() const { return state_ == State::complete; }
    [[nodiscard]] bool empty() const { return state_ == State::blank; }

  private:
    enum class State : std::uint8_t { blank, value, string, escape, complete };
    void read(char c);

    State state_ = State::blank;
    std::uint32_t depth_ = 0;
};

// First character of the decoded text that is no white space; NUL if there is none.
[[nodiscard]] char first_character(chat::Escaped text);
// True for text that decodes to nothing but white space.
[[nodiscard]] bool blank(chat::Escaped text);

}  // namespace ccr::dialect
