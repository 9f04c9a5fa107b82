// SPDX-License-Identifier: MIT
#include "daemon/net/proxy_connect.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/text.hpp"

namespace ccr::net {
namespace {

constexpr std::size_t max_proxy_head = std::size_t{16} * 1024;

struct IpBytes {
    std::array<unsigned char, 16> bytes{};
    unsigned bits = 0;  // 32 or 128
};

std::optional<IpBytes> ip_bytes(std::string_view text) {
    const std::string copy(text);
    IpBytes out;
    if (::inet_pton(AF_INET, copy.c_str(), out.bytes.data()) == 1) {
        out.bits = 32;
        return out;
    }
    if (::inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) != 1) return std::nullopt;
    out.bits = 128;
    return out;
}

bool same_prefix(const IpBytes& a, const IpBytes& b, unsigned bits) {
    if (a.bits != b.bits || bits > a.bits) return false;
    const std::size_t whole = bits / 8;
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    b.bytes.begin())) {
        return false;
    }
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    return ((a.bytes[whole] ^ b.bytes[whole]) >> (8U - rest)) == 0;
}

bool cidr_matches(std::string_view entry, std::string_view host) {
    const auto slash = entry.find('/');
    const auto bits = to_number<unsigned>(entry.substr(slash + 1));
    const auto network = ip_bytes(entry.substr(0, slash));
    const auto address = ip_bytes(host);
    return bits && network && address && same_prefix(*network, *address, *bits);
}

bool name_matches(std::string_view entry, std::string_view host) {
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    const bool suffix = entry.starts_with(".");
    if (suffix) entry.remove_prefix(1);
    if (entry.empty()) return false;
    if (host == entry) return true;
    return host.size() > entry.size() && host.ends_with(entry) &&
           host[host.size() - entry.size() - 1] == '.' && !is_ip_literal(host);
}

bool entry_matches(std::string_view entry, std::string_view host, std::uint16_t port) {
    if (entry == "*") return true;
    if (entry.find('/') != std::string_view::npos) return cidr_matches(entry, host);
    const auto bare = ip_bytes(entry);  // an IPv6 literal may stand without brackets
    if (bare) {
        const auto address = ip_bytes(host);
        return address && same_prefix(*bare, *address, bare->bits);
    }
    const bool bracket = entry.starts_with("[");
    const auto colon = bracket ? entry.find("]:") : entry.rfind(':');
    std::string_view name = entry;
    if (colon != std::string_view::npos) {
        const auto wanted = to_number<std::uint16_t>(entry.substr(colon + (bracket ? 2 : 1)));
        if (!wanted || *wanted != port) return false;
        name = entry.substr(0, colon + (bracket ? 1 : 0));
    }
    if (bracket) return name.size() > 2 && name.substr(1, name.size() - 2) == host;
    return name_matches(name, host);
}

std::string base64(std::string_view bytes) {
    std::string out = base64url(bytes);
    std::replace(out.begin(), out.end(), '-', '+');
    std::replace(out.begin(), out.end(), '_', '/');
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string connect_request(const Url& proxy, std::string_view host, std::uint16_t port) {
    std::string place = host.find(':') == std::string_view::npos ? std::string(host)
                                                                 : '[' + std::string(host) + ']';
    place += ':';
    append_number(place, port);
    std::string out = "CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n";
    if (!proxy.userinfo.empty()) {
        out += "Proxy-Authorization: Basic " + base64(proxy.userinfo.reveal()) + "\r\n";
    }
    return out + "\r\n";
}

// "HTTP/1.x NNN …" → NNN
std::optional<int> status_of(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return std::nullopt;
    return to_number<int>(head.substr(9, 3));
}

Result<void> judge(std::string_view head, const Url& proxy) {
    const auto status = status_of(head);
    if (!status) {
        return Error{ErrorKind::malformed, "proxy " + proxy.authority() + " does not speak HTTP"};
    }
    if (*status >= 200 && *status < 300) return {};
    std::string text = "proxy " + proxy.authority() + " refused the connection with status ";
    append_number(text, *status);
    if (*status == 407) text += ": it wants a user and password in the proxy URL";
    return Error{ErrorKind::connect, std::move(text)};
}

}  // namespace

NoProxy::NoProxy(std::string_view list) {
    while (!list.empty()) {
        const auto comma = list.find_first_of(", \t");
        const auto entry = trim(list.substr(0, comma));
        if (!entry.empty()) entries_.push_back(lower(entry));
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
}

bool NoProxy::matches(std::string_view host, std::uint16_t port) const {
    const std::string name = lower(host);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const auto& entry) { return entry_matches(entry, name, port); });
}

const Url* ProxySettings::proxy_for(std::string_view host, std::uint16_t port) const {
    if (!url || is_loopback_host(host) || except.matches(host, port)) return nullptr;
    return &*url;
}

Result<ProxySettings> make_proxy_settings(std::string_view url, std::string_view no_proxy) {
    ProxySettings settings;
    settings.except = NoProxy(no_proxy);
    url = trim(url);
    if (url.empty()) return settings;
    // Curl's habit: a proxy without a scheme is an HTTP proxy.
    const bool bare = url.find("://") == std::string_view::npos;
    auto parsed = parse_url(bare ? "http://" + std::string(url) : std::string(url));
    if (!parsed) return parsed.error().wrap("the proxy setting is not usable");
    if (parsed->tls()) {
        return Error{ErrorKind::config,
                     "the proxy URL must begin with http:// (TLS to the proxy itself is not "
                     "offered; the tunnelled connection is encrypted all the same)"};
    }
    settings.url = std::move(*parsed);
    return settings;
}

asio::awaitable<Result<void>> proxy_connect(Stream& stream, const Url& proxy, std::string host,
                                            std::uint16_t port, Limit limit) {
    const std::string request = connect_request(proxy, host, port);
    const asio::const_buffer bytes = asio::buffer(request);
    const std::span<const asio::const_buffer> one(&bytes, 1);
    auto sent = co_await stream.write(one, limit);
    if (!sent) co_return sent.error().wrap("proxy " + proxy.authority());
    // Byte by byte would be safe but slow; the peer behind the tunnel speaks only after we do (TLS
    // and HTTP clients begin), so nothing can follow the head.
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
        if (head.size() > max_proxy_head) {
            co_return Error{ErrorKind::malformed, "proxy answer is too large"};
        }
        char piece[1024];
        const std::span<char> into(piece, sizeof piece);
        auto got = co_await stream.read_some(into, limit);
        if (!got) co_return got.error().wrap("proxy " + proxy.authority());
        if (*got == 0) co_return Error{ErrorKind::connect, "proxy closed the connection"};
        head.append(piece, *got);
    }
    co_return judge(head, proxy);
}

}  // namespace ccr::net
