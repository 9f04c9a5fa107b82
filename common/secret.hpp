// SPDX-License-Identifier: MIT
// A string that cannot be printed: no operator<<, no formatter, no implicit conversion. reveal() is
// the one way out; it is called where the bytes go onto a wire and nowhere else.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace ccr {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    [[nodiscard]] bool empty() const { return value_.empty(); }
    [[nodiscard]] std::string_view reveal() const { return value_; }

    // Takes time that depends on the candidate's length only, so that a key cannot be guessed
    // byte by byte.
    [[nodiscard]] bool matches(std::string_view candidate) const {
        std::size_t difference = value_.size() ^ candidate.size();
        for (std::size_t i = 0; i < candidate.size(); ++i) {
            const char own = value_.empty() ? '\0' : value_[i % value_.size()];
            difference |= static_cast<unsigned char>(own ^ candidate[i]);
        }
        return difference == 0;
    }

    friend bool operator==(const Secret& a, const Secret& b) { return a.matches(b.value_); }
    friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

  private:
    std::string value_;
};

}  // namespace ccr
