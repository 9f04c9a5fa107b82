// SPDX-License-Identifier: MIT
// Reads one HTTP/1.1 request from the front of a buffer. Strict enough to notice a client that
// frames wrongly, since a test would want to know.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccr::mock {

struct Request {
    std::string method;
    std::string path;                                          // without the query
    std::string query;                                         // without the '?'
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    bool keep_alive = true;

    // First header of that lower-case name, or empty.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    // Value of a query parameter, percent-decoded, or `otherwise`.
    [[nodiscard]] std::string query_value(std::string_view name, std::string_view otherwise) const;
};

enum class ParseState { need_more, bad, complete };

struct Parsed {
    ParseState state = ParseState::need_more;
    std::size_t consumed = 0;       // complete: bytes of `in` that belong to the request
    std::size_t need = 0;           // need_more: parsing again is useless below this size (a hint)
    bool expects_continue = false;  // need_more: the head is complete and asks for 100 Continue
};

Parsed parse_request(std::string_view in, Request& out);

// "%41" -> "A"; a stray '%' stays as it is.
std::string percent_decode(std::string_view text);

}  // namespace ccr::mock
