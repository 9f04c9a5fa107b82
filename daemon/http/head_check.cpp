// SPDX-License-Identifier: MIT
// The strict reading of a request head (RFC 9112), before any lenient parser sees it.
#include <array>

#include "common/text.hpp"
#include "daemon/http/parser.hpp"

namespace ccr::http {
namespace {

constexpr HeadFault bad(std::string_view message) {
    return {400, message};
}

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    for (const char c : marks)
        table[static_cast<unsigned char>(c)] = true;
    for (std::size_t c = '0'; c <= '9'; ++c)
        table[c] = true;
    for (std::size_t c = 'a'; c <= 'z'; ++c)
        table[c] = table[c - 32] = true;
    return table;
}
constexpr auto token_table = make_token_table();

bool is_token(std::string_view text) {
    for (const char c : text) {
        if (!token_table[static_cast<unsigned char>(c)]) return false;
    }
    return !text.empty();
}

// Without branches, so that the compiler can look at many bytes at once.
bool has_control(std::string_view text, bool tab_allowed) {
    unsigned found = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        found |= static_cast<unsigned>(byte < 0x20 && byte != '\t') | (byte == 0x7f ? 1U : 0U);
    }
    if (!tab_allowed && text.find('\t') != std::string_view::npos) return true;
    return found != 0;
}

HeadFault check_version(std::string_view version) {
    if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
    if (version.starts_with("HTTP/")) {
        return {505, "only HTTP/1.1 is spoken here; switch HTTP/2 prior knowledge off"};
    }
    return bad("the request line does not end in an HTTP version");
}

HeadFault check_target(std::string_view method, std::string_view target) {
    if (has_control(target, false)) return bad("control character in the request target");
    if (target == "*" && method == "OPTIONS") return {};
    if (target.front() == '/') return {};
    return bad("the request target must begin with a slash; this is not a forward proxy");
}

HeadFault check_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return bad("malformed request line");
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || method.size() > 32) return bad("malformed request method");
    if (target.empty() || target.find(' ') != std::string_view::npos) {
        return bad("blank in the request target");
    }
    const HeadFault version = check_version(line.substr(last + 1));
    return version.status ? version : check_target(method, target);
}

struct Seen {
    unsigned host = 0, length = 0, encoding = 0;
};

HeadFault check_encoding(std::string_view value) {
    if (iequals(value, "chunked")) return {};
    return bad("Transfer-Encoding must be chunked and nothing else");
}

HeadFault check_length(std::string_view value) {
    for (const char c : value) {
        if (c < '0' || c > '9') return bad("Content-Length must be a plain number");
    }
    return value.empty() ? bad("empty Content-Length") : HeadFault{};
}

HeadFault check_field(std::string_view line, Seen& seen) {
    if (line.front() == ' ' || line.front() == '\t') return bad("folded header line");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return bad("header line without a colon");
    const auto name = line.substr(0, colon);
    if (!is_token(name)) return bad("malformed header name");
    const auto value = trim(line.substr(colon + 1));
    if (has_control(value, true)) return bad("control character in a header value");
    if (iequals(name, "host")) ++seen.host;
    if (iequals(name, "content-length")) {
        ++seen.length;
        return check_length(value);
    }
    if (iequals(name, "transfer-encoding")) {
        ++seen.encoding;
        return check_encoding(value);
    }
    return {};
}

HeadFault check_framing(const Seen& seen, bool http10) {
    if (seen.host > 1) return bad("more than one Host header");
    if (seen.host == 0 && !http10) return bad("no Host header");
    if (seen.length > 1) return bad("more than one Content-Length header");
    if (seen.encoding > 1) return bad("more than one Transfer-Encoding header");
    if (seen.length && seen.encoding) return bad("both Content-Length and Transfer-Encoding");
    if (seen.encoding && http10) return bad("Transfer-Encoding in an HTTP/1.0 request");
    return {};
}

}  // namespace

HeadFault check_request_head(std::string_view head) {
    auto end = head.find("\r\n");
    const auto request_line = head.substr(0, end);
    HeadFault fault = check_request_line(request_line);
    Seen seen;
    for (head.remove_prefix(end + 2); !fault.status; head.remove_prefix(end + 2)) {
        end = head.find("\r\n");
        if (end == 0 || end == std::string_view::npos) break;
        const auto line = head.substr(0, end);
        if (line.find('\r') != std::string_view::npos) return bad("bare CR in a header line");
        fault = check_field(line, seen);
    }
    if (fault.status) return fault;
    return check_framing(seen, request_line.ends_with("HTTP/1.0"));
}

}  // namespace ccr::http
