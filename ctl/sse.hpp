// SPDX-License-Identifier: MIT
// Server-sent events out of bytes as they come.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ccr::ctl {

class EventReader {
  public:
    static constexpr std::size_t max_event = 1U << 20U;

    // Calls `event` for each complete event; false when it gave false or an event is too large.
    bool feed(std::string_view bytes,
              const std::function<bool(std::string_view name, std::string_view data)>& event);

  private:
    std::string pending_;
    std::string name_;
    std::string data_;
};

}  // namespace ccr::ctl
