// SPDX-License-Identifier: MIT
// One text out of a JSON object that comes in pieces, while it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccr::transform {

// Reads correct JSON (see ArgumentRepair). The first string of that name at the top level counts.
class MemberReader {
  public:
    explicit MemberReader(std::string_view name) : name_(name) {}

    // Appends the string's content as far as it is whole characters, JSON-escaped.
    void feed(std::string_view json, std::string& escaped);
    [[nodiscard]] bool found() const { return found_; }

  private:
    enum class State : std::uint8_t { outside, key, other_string, wanted };

    void read(char c, std::string& escaped);
    void outside(char c);
    void wanted(char c, std::string& escaped);

    std::string name_;
    std::string key_;
    std::string held_;  // of an escape, or of a pair of them
    std::size_t depth_ = 0;
    State state_ = State::outside;
    bool expects_key_ = false;
    bool escape_ = false;
    bool found_ = false;
};

}  // namespace ccr::transform
