// SPDX-License-Identifier: MIT
#include "daemon/http/guard.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "common/url.hpp"

namespace ccr::http {
namespace {

bool listed(const HostPort& host, const std::vector<std::string>& allowed) {
    return std::any_of(allowed.begin(), allowed.end(), [&host](const std::string& entry) {
        if (entry == "*") return true;
        auto wanted = parse_host_port(entry);
        // An IPv6 address may be written without its brackets.
        if (!wanted) return iequals(entry, host.host);
        return wanted->host == host.host && (wanted->port == 0 || wanted->port == host.port);
    });
}

std::string quoted(std::string_view text) {
    constexpr std::size_t enough = 100;
    std::string out = "\"";
    out += text.substr(0, enough);
    return out + '"';
}

}  // namespace

bool host_allowed(std::string_view host_header, const std::vector<std::string>& allowed) {
    std::string_view text = trim(host_header);
    if (text.ends_with(".")) text.remove_suffix(1);  // the DNS root
    const auto host = parse_host_port(text);
    if (!host) return false;
    return is_loopback_host(host->host) || listed(*host, allowed);
}

bool origin_allowed(std::optional<std::string_view> origin,
                    const std::vector<std::string>& allowed) {
    if (!origin) return true;
    const auto mark = origin->find("://");
    if (mark == std::string_view::npos) return false;
    return host_allowed(origin->substr(mark + 3), allowed);
}

bool key_matches(const Headers& headers, const Secret& key) {
    // Every credential is compared, whichever matches, so that the time does not tell which one.
    bool match = false;
    for (const auto [name, value] : headers) {
        if (iequals(name, "x-api-key")) match = key.matches(trim(value)) || match;
        if (!iequals(name, "authorization")) continue;
        constexpr std::string_view scheme = "bearer ";
        if (value.size() < scheme.size() || !iequals(value.substr(0, scheme.size()), scheme)) {
            continue;
        }
        match = key.matches(trim(value.substr(scheme.size()))) || match;
    }
    return match;
}

std::optional<Error> check_access(const GuardOptions& options, const Request& request,
                                  bool need_key) {
    const auto host = request.headers.find("host");
    // HTTP/1.0 may leave the header out; a browser, which is what this guards against, cannot.
    if (host && !host_allowed(*host, options.allowed_hosts)) {
        return Error{ErrorKind::forbidden,
                     "Host " + quoted(*host) +
                         " is not allowed here. Use localhost, or add the name to the allowed "
                         "hosts in the configuration."};
    }
    const auto origin = request.headers.find("origin");
    if (!origin_allowed(origin, options.allowed_hosts)) {
        return Error{
            ErrorKind::forbidden,
            "Origin " + quoted(*origin) + " is not allowed: web pages may not call the router."};
    }
    if (need_key && !options.key.empty() && !key_matches(request.headers, options.key)) {
        return Error{ErrorKind::unauthorized,
                     "The router's key is missing or wrong. Send APIKEY of its configuration as "
                     "x-api-key or as Authorization: Bearer."};
    }
    return std::nullopt;
}

}  // namespace ccr::http
