// SPDX-License-Identifier: MIT
// A request's web search tool, where the router stands in for it: what the client allows, the
// function that the model is offered instead, and what it is told of a search.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/search/engine.hpp"

namespace ccr::search {

// Searches for one answer, whatever the client allows.
constexpr std::int64_t most_uses = 16;

// Whether the request offers a web search tool.
[[nodiscard]] bool wanted(const chat::Request& request);
// Whether searching is what it is about: the model can do nothing else, or has to.
[[nodiscard]] bool is_the_point(const chat::Request& request);

// What the client says of its tool, in either of the formats that have one.
struct Terms {
    std::string name = "web_search";  // of the function
    std::int64_t max_uses = 8;
    std::vector<std::string> allowed;  // see Query
    std::vector<std::string> blocked;
    std::string country;
};
[[nodiscard]] Terms terms_of(const chat::Request& request);

// As long as it lives, the request offers a function of that name in the tool's place.
class StandIn {
  public:
    StandIn(chat::Request& request, std::string name);
    ~StandIn();
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;

  private:
    chat::Request& request_;
    std::string name_;  // what the request's views of it point to
    std::vector<chat::Tool> tools_;
    chat::ToolChoice choice_;
    json::Document schema_;
};

// The query in the arguments of a call; nothing if there is none.
[[nodiscard]] std::optional<std::string> query_in(std::string_view arguments);

// What the model is given of a search: the pages in order, numbered.
[[nodiscard]] std::string as_text(const std::vector<Hit>& hits);
// Anthropic's error_code for a search that failed.
[[nodiscard]] std::string_view code_of(ErrorKind kind);
// The same in words, for the model.
[[nodiscard]] std::string explain(std::string_view code);

}  // namespace ccr::search
