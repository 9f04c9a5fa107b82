// SPDX-License-Identifier: MIT
// The terminal while a command has all of it: alternate screen, keys without Enter. What was there
// before comes back when the object goes, and when a fatal signal ends the process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ccr::ctl {

enum class Key : std::uint8_t { none, quit, up, down, page_up, page_down, home };

class Screen {
  public:
    // Of standard input and output, which both have to be terminals. At most one at a time.
    Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen();

    void draw(const std::vector<std::string>& lines);
    // The next key that has been pressed, without waiting.
    Key key();

  private:
    std::string typed_;
};

}  // namespace ccr::ctl
