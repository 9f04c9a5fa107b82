// SPDX-License-Identifier: MIT
#include "daemon/http/routes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace ccr::http {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

std::string_view next_segment(std::string_view& rest) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    return segment;
}

bool is_param(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool take_param(std::string_view name, std::string_view text, Params& params) {
    auto value = percent_decode(text, false);
    if (!value || value->empty()) return false;
    params.emplace_back(std::string(name), std::move(*value));
    return true;
}

std::optional<Params> match_path(std::string_view pattern, std::string_view path) {
    Params params;
    if (pattern == path) return params;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = next_segment(pattern);
        if (!is_param(wanted)) {
            if (next_segment(path) != wanted) return std::nullopt;
            continue;
        }
        const auto name = wanted.substr(1, wanted.size() - 2);
        if (name.back() == '*') {
            if (!take_param(name.substr(0, name.size() - 1), path, params)) return std::nullopt;
            return params;
        }
        if (!take_param(name, next_segment(path), params)) return std::nullopt;
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return params;
}

std::string_view canonical(std::string_view path) {
    if (path.size() > 1 && path.ends_with("/")) path.remove_suffix(1);
    // A base URL that ends in /v1 makes clients ask for /v1/v1/messages.
    if (path.starts_with("/v1/v1/")) path.remove_prefix(3);
    return path;
}

bool method_fits(std::string_view wanted, std::string_view method) {
    return wanted == method || (wanted == "GET" && method == "HEAD");
}

void add_allow(std::string& allow, std::string_view method) {
    if ((", " + allow + ",").find(" " + std::string(method) + ",") != std::string::npos) return;
    if (!allow.empty()) allow += ", ";
    allow += method;
}

}  // namespace

Routes::Match Routes::match(Request& request) const {
    Match match;
    const auto path = canonical(request.path());
    if (path.empty() || path.front() != '/') return match;
    for (const auto& route : table_) {
        auto params = match_path(route.pattern, path);
        if (!params) continue;
        if (method_fits(route.method, request.method)) {
            request.params = std::move(*params);
            match.route = &route;
            return match;
        }
        add_allow(match.allow, route.method);
        if (route.method == "GET") add_allow(match.allow, "HEAD");
    }
    return match;
}

asio::awaitable<void> Routes::dispatch(const GuardOptions& guard, Request& request,
                                       Reply& reply) const {
    Match found = match(request);
    const bool known = found.route || !found.allow.empty();
    const bool need_key = !found.route || found.route->needs_key;
    if (found.route) reply.use_errors(*found.route->errors);
    const auto objection = check_access(guard, request, need_key);
    Headers extra;
    std::optional<Error> error;
    if (objection) {
        error = *objection;
        extra.add("x-should-retry", "false");
    } else if (!known) {
        error.emplace(ErrorKind::not_found, "There is no endpoint " + std::string(request.path()));
    } else if (!found.route) {
        extra.add("allow", found.allow);
        error.emplace(ErrorKind::method_not_allowed,
                      request.method + " is not offered here; allowed: " + found.allow);
    }
    if (error && error->kind == ErrorKind::method_not_allowed && request.method == "OPTIONS") {
        auto sent = co_await reply.send(204, extra, {});
        static_cast<void>(sent);  // a failed write shows in the reply's state
        co_return;
    }
    if (error) {
        auto sent = co_await reply.send_error(*error, extra);
        static_cast<void>(sent);
        co_return;
    }
    co_await found.route->handler(request, reply);
}

}  // namespace ccr::http
