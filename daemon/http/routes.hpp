// SPDX-License-Identifier: MIT
// The table of endpoints: method and path pattern to handler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/guard.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"

namespace ccr::http {

// Pattern segments: literal, "{name}" (one segment) or, last, "{name*}" (all the rest, slashes
// included); parameters arrive percent-decoded in Request::params. GET also answers HEAD.
struct Route {
    std::string_view method;
    std::string_view pattern;
    Handler handler;
    bool needs_key = true;
    const ErrorForm* errors = &anthropic_errors;  // of the format that its clients speak
};

class Routes {
  public:
    explicit Routes(std::vector<Route> table) : table_(std::move(table)) {}

    struct Match {
        const Route* route = nullptr;  // null: no such path (allow empty), or wrong method
        std::string allow;             // the methods that the path does have
    };
    // By path only, the query aside. Tolerates one trailing slash and a doubled "/v1" (a base URL
    // that already ends in /v1). Fills request.params on success.
    [[nodiscard]] Match match(Request& request) const;

    // Guard, match, call: the whole of a listener's handler. 403, 401, 404 and 405 are answered
    // here; OPTIONS gets 204 with Allow and no CORS header.
    [[nodiscard]] asio::awaitable<void> dispatch(const GuardOptions& guard, Request& request,
                                                 Reply& reply) const;

  private:
    std::vector<Route> table_;
};

}  // namespace ccr::http
