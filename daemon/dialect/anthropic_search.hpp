// SPDX-License-Identifier: MIT
// Web searches that another provider or the router made, in Anthropic's blocks. What only Anthropic
// could have encrypted bears our seal in its place, by which such a search is known when it comes
// back with the conversation: Anthropic would refuse it. Private to the dialect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "daemon/chat/event.hpp"
#include "daemon/dialect/json_edit.hpp"

namespace ccr::dialect::anthropic {

// Hands out the ids of one reply's searches: the provider's own if it has Anthropic's form.
class SearchIds {
  public:
    // `seed` (our message id) keeps those of one reply apart from another's.
    explicit SearchIds(std::string_view seed) : seed_(seed) {}
    [[nodiscard]] std::string assign(std::string_view upstream_id);

  private:
    std::string_view seed_;
    std::vector<std::string> used_;
};

// The block of the call; without `input` as a stream begins it.
[[nodiscard]] std::string search_use(const chat::Searched& search, std::string_view input);
[[nodiscard]] std::string search_input(const chat::Searched& search);  // JSON
[[nodiscard]] std::string search_result(const chat::Searched& search,
                                        std::string_view envelope_key);
// An entry of a text's `citations`, on one line.
[[nodiscard]] std::string citation(const chat::Cited& cited, std::string_view envelope_key);

// Puts the searches of a message that we made into words and leaves our citations out; what
// Anthropic made stays as it is.
void tell_our_searches(json::Value message, JsonEdit& edit);

}  // namespace ccr::dialect::anthropic
