// SPDX-License-Identifier: MIT
// Which forward proxy a connection goes through, and the CONNECT that opens the way.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/url.hpp"
#include "daemon/net/stream.hpp"

namespace ccr::net {

// NO_PROXY entries: exact host (with or without port), ".suffix" or "*.suffix" or "suffix" (itself
// and below), "*", IP, CIDR.
class NoProxy {
  public:
    NoProxy() = default;
    explicit NoProxy(std::string_view list);
    [[nodiscard]] bool matches(std::string_view host, std::uint16_t port) const;

  private:
    std::vector<std::string> entries_;
};

struct ProxySettings {
    std::optional<Url> url;  // http:// only
    NoProxy except;

    // Nothing for a direct connection; always nothing for loopback hosts.
    [[nodiscard]] const Url* proxy_for(std::string_view host, std::uint16_t port) const;
};

// From a proxy URL and a NO_PROXY list, both possibly empty. ErrorKind::config.
[[nodiscard]] Result<ProxySettings> make_proxy_settings(std::string_view url,
                                                        std::string_view no_proxy);

// Speaks CONNECT host:port on a stream to the proxy. Errors: connect (with the proxy's status), or
// the transport's.
[[nodiscard]] asio::awaitable<Result<void>> proxy_connect(Stream& stream, const Url& proxy,
                                                          std::string host, std::uint16_t port,
                                                          Limit limit);

}  // namespace ccr::net
