// SPDX-License-Identifier: MIT
// Stop sequences for providers that take none, or too few: cuts the text where the first one
// begins, wherever the pieces of the text are cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccr::dialect {

class StopScanner {
  public:
    explicit StopScanner(std::vector<std::string> stops);

    [[nodiscard]] bool active() const { return !stops_.empty(); }
    // Takes the next piece of text and gives what may be shown of all so far; the rest may yet turn
    // out to begin a stop sequence. Once matched, nothing more is given.
    std::string feed(std::string_view text);
    // The text is over: what was held back.
    std::string flush();
    // The stop sequence that was found, or empty.
    [[nodiscard]] std::string_view matched() const { return matched_; }

  private:
    [[nodiscard]] std::size_t undecided(std::string_view text) const;

    std::vector<std::string> stops_;
    std::string held_;
    std::string matched_;
};

}  // namespace ccr::dialect
