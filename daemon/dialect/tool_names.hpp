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

struct ReplyContext;

// Kimi's function that searches the web, see WebSearch::kimi_builtin. No client's tool can be
// called that.
constexpr std::string_view kimi_search = "$web_search";

class ToolNames {
  public:
    // `letter_first`: a name may not begin with a digit or a dash.
    explicit ToolNames(std::size_t max_length, bool letter_first = false)
        : max_length_(max_length), letter_first_(letter_first) {}

    // The name to send. The view is valid as long as `original` and this object.
    std::string_view sent(std::string_view original);

    // {sent, original} of all names that had to be changed so far.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> renamed() const;

  private:
    [[nodiscard]] bool fits(std::string_view name) const;

    std::size_t max_length_;
    bool letter_first_;
    std::map<std::string, std::string, std::less<>> sent_by_original_;
};

// The client's name for a tool that the provider calls by `name`: models change the case, and put
// prefixes in front.
[[nodiscard]] std::string client_tool_name(std::string_view name, const ReplyContext& context);

}  // namespace ccr::dialect
