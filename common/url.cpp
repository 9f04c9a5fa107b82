// SPDX-License-Identifier: MIT
#include "common/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace ccr {
namespace {

Error bad(std::string_view why) {
    return {ErrorKind::config, "bad URL: " + std::string(why)};
}

bool has_blank_or_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f;
    });
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string decode_userinfo(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                            hex_digit(text[i + 2]) >= 0;
        if (!escape) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
    }
    return out;
}

bool host_char(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           byte >= 0x80;
}

bool valid_host(std::string_view host) {
    if (host.find(':') != std::string_view::npos) return is_ip_literal(host);
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), host_char);
}

}  // namespace

bool is_ip_literal(std::string_view host) {
    const std::string text(host);
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool is_loopback_host(std::string_view host) {
    if (iequals(host, "localhost")) return true;
    constexpr std::string_view suffix = ".localhost";
    if (host.size() > suffix.size() && iequals(host.substr(host.size() - suffix.size()), suffix)) {
        return true;
    }
    const std::string text(host);
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return bytes[0] == 127;
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return false;
    const bool zeros =
        std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; });
    if (!zeros) return false;
    if (bytes[10] == 0xff && bytes[11] == 0xff) return bytes[12] == 127;
    return bytes[10] == 0 && bytes[11] == 0 && bytes[12] == 0 && bytes[13] == 0 && bytes[14] == 0 &&
           bytes[15] == 1;
}

Result<HostPort> parse_host_port(std::string_view text) {
    HostPort out;
    std::string_view port;
    bool has_port = false;
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return bad("'[' without ']'");
        out.host = lower(text.substr(1, end - 1));
        if (!is_ip_literal(out.host)) return bad("no address between the brackets");
        has_port = end + 1 < text.size();
        if (has_port && text[end + 1] != ':') return bad("text after the address");
        if (has_port) port = text.substr(end + 2);
    } else {
        const auto colon = text.find(':');
        has_port = colon != std::string_view::npos;
        out.host = lower(text.substr(0, colon));
        if (has_port) port = text.substr(colon + 1);
    }
    if (!valid_host(out.host)) return bad("no valid host name");
    if (!has_port) return out;
    const auto number = to_number<std::uint16_t>(port);
    if (!number || *number == 0) return bad("port must be 1 to 65535");
    out.port = *number;
    return out;
}

std::string Url::authority() const {
    std::string out = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != (tls() ? 443 : 80)) {
        out += ':';
        append_number(out, port);
    }
    return out;
}

std::string Url::origin() const {
    return scheme + "://" + authority();
}

Result<Url> parse_url(std::string_view text) {
    if (has_blank_or_control(text)) return bad("it holds a blank or control character");
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return bad("it must begin with http:// or https://");
    Url url;
    url.scheme = lower(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https") {
        return bad("the scheme must be http or https");
    }
    text.remove_prefix(colon + 3);
    const auto path = text.find_first_of("/?#");
    std::string_view authority = text.substr(0, path);
    std::string_view target = path == std::string_view::npos ? "" : text.substr(path);
    target = target.substr(0, target.find('#'));
    const auto at = authority.rfind('@');
    if (at != std::string_view::npos) {
        url.userinfo = Secret(decode_userinfo(authority.substr(0, at)));
        authority.remove_prefix(at + 1);
    }
    auto place = parse_host_port(authority);
    if (!place) return std::move(place).error();
    url.host = std::move(place->host);
    url.port = place->port;
    if (url.port == 0) url.port = url.tls() ? 443 : 80;
    url.target = target.empty() || target.front() != '/' ? '/' + std::string(target) : target;
    return url;
}

std::string join_target(const Url& url, std::string_view path) {
    const std::string_view whole = url.target;
    const auto mark = whole.find('?');
    std::string out(whole.substr(0, mark));
    while (!out.empty() && out.back() == '/')
        out.pop_back();
    while (!path.empty() && path.front() == '/')
        path.remove_prefix(1);
    out += '/';
    out += path;
    if (mark != std::string_view::npos && mark + 1 < whole.size()) {
        out += path.find('?') == std::string_view::npos ? '?' : '&';
        out += whole.substr(mark + 1);
    }
    return out;
}

}  // namespace ccr
