// SPDX-License-Identifier: MIT
// Follows a Markdown text byte by byte and knows where it is code: between fences of backticks or
// tildes, and between backticks inside a line.
#pragma once

#include <cstdint>

namespace ccr::dialect {

class CodeTracker {
  public:
    void read(char c);
    // Whether a byte that is neither backtick nor tilde would be code if it came next.
    [[nodiscard]] bool inside() const;

  private:
    void end_run();

    std::uint32_t run_ = 0;    // length of the run of marks being read
    std::uint32_t fence_ = 0;  // length of the open fence
    std::uint32_t span_ = 0;   // length of the marks that opened a span inside the line
    char run_mark_ = 0;
    char fence_mark_ = 0;
    bool run_leads_ = false;  // nothing but blanks in front of the run on its line
    bool line_start_ = true;
};

}  // namespace ccr::dialect
