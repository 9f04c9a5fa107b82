// SPDX-License-Identifier: MIT
// The one text of a freeform tool: models that only know JSON write {"input":"…"}, clients want
// what stands inside of the quotes, as it comes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/chat/request.hpp"

namespace ccr::dialect {

// The schema of such a tool's arguments.
constexpr std::string_view freeform_schema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

class FreeformInput {
  public:
    // The next piece of the arguments; what it adds to the text, JSON-escaped.
    [[nodiscard]] std::string feed(chat::Escaped fragment);
    // No more follows: the arguments as they were if they are not what was asked for.
    [[nodiscard]] std::string finish();

  private:
    enum class State : std::uint8_t { before, text, behind };
    void enter();
    void take_text(std::string& out);

    State state_ = State::before;
    std::string held_;  // decoded arguments that nothing can be said of yet
    bool any_ = false;
};

}  // namespace ccr::dialect
