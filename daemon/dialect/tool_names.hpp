// SPDX-License-Identifier: MIT
// Tool names in the form that a provider takes. Anthropic allows 128 characters, most others 64 of
// [A-Za-z0-9_-]; a name that does not fit is cut and gets a hash, so that it stays the same in
// every turn. The reply side maps back with Encoded::renamed_tools.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccr::dialect {

class ToolNames {
  public:
    explicit ToolNames(std::size_t max_length) : max_length_(max_length) {}

    // The name to send. The view is valid as long as `original` and this object.
    std::string_view sent(std::string_view original);

    // {sent, original} of all names that had to be changed so far.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> renamed() const;

  private:
    std::size_t max_length_;
    std::map<std::string, std::string, std::less<>> sent_by_original_;
};

}  // namespace ccr::dialect
