// SPDX-License-Identifier: MIT
// Absolute http and https URLs, as they stand in a configuration or a proxy variable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace ccr {

struct Url {
    std::string scheme;  // lower case
    std::string host;    // lower case; an IPv6 literal stands without its brackets
    std::uint16_t port = 0;
    std::string target = "/";  // path and query as written, never empty, without the fragment
    Secret userinfo;           // "user:password", percent-decoded; empty if there was none

    [[nodiscard]] bool tls() const { return scheme == "https"; }
    // The Host header's value: brackets around IPv6, the port only where it is not the default.
    [[nodiscard]] std::string authority() const;
    // "scheme://authority", for messages; never holds the userinfo.
    [[nodiscard]] std::string origin() const;
};

// ErrorKind::config with the reason. Refuses blanks, controls, empty hosts and ports out of range;
// the message never repeats the userinfo.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// Adds `path` to the URL's own path with exactly one slash between them; the URL's query stays
// last.
[[nodiscard]] std::string join_target(const Url& url, std::string_view path);

// "host", "host:port", "[v6]:port", "[v6]" → host without brackets, lower case, and the port (0 if
// absent). Nothing for anything else. Used for Host headers and NO_PROXY entries.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);

// An IPv4 or IPv6 literal (without brackets).
[[nodiscard]] bool is_ip_literal(std::string_view host);
// localhost, *.localhost, 127.0.0.0/8, ::1 and its IPv4-mapped form.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace ccr
