// SPDX-License-Identifier: MIT
// Host names to addresses, off the loop: getaddrinfo runs on a few helper threads, answers are kept
// for a minute for all loops, and an old answer serves on while the name server fails.
#pragma once

#include <sys/socket.h>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::net {

// An IPv4 or IPv6 address with a port.
class Endpoint {
  public:
    Endpoint() = default;
    Endpoint(const sockaddr* address, socklen_t size);
    // From a literal without brackets; nothing if it is none.
    [[nodiscard]] static Result<Endpoint> parse(std::string_view ip, std::uint16_t port);

    [[nodiscard]] const sockaddr* address() const;
    [[nodiscard]] socklen_t size() const { return size_; }
    [[nodiscard]] bool is_v6() const;
    [[nodiscard]] std::uint16_t port() const;
    void set_port(std::uint16_t port);
    // "1.2.3.4:80", "[::1]:80"
    [[nodiscard]] std::string text() const;

  private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

struct ResolverOptions {
    std::size_t threads = 2;
    std::size_t max_queue = 64;
    Millis ttl{60'000};
    Millis stale{3'600'000};  // an old answer is better than none for this long
    // Replaces getaddrinfo in tests; called on a helper thread.
    std::function<Result<std::vector<Endpoint>>(const std::string& host)> lookup;
};

// Thread-safe, shared by all loops.
class Resolver {
  public:
    explicit Resolver(ResolverOptions options = {});
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Never empty on success. IP literals and localhost are answered without a lookup.
    // Errors: resolve, timeout, cancelled.
    [[nodiscard]] asio::awaitable<Result<std::vector<Endpoint>>> resolve(
        Loop& loop, std::string host, std::uint16_t port, Limit limit, CancelScope* scope);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace ccr::net
