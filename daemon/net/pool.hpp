// SPDX-License-Identifier: MIT
// Upstream connections: how they are made (Dialer) and how they are kept (Pool). Idle ones are kept
// per loop, newest first; a loop that has none takes one over from another loop, so that reuse
// works at low load too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/url.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/proxy_connect.hpp"
#include "daemon/net/resolve.hpp"
#include "daemon/net/stream.hpp"
#include "daemon/net/tls.hpp"

namespace ccr::net {

class Dialer;

// Where requests go: everything a connection's identity depends on. Make it once per provider.
struct Origin {
    Origin() = default;
    explicit Origin(const Url& url);

    bool tls = false;
    std::string host;
    std::uint16_t port = 0;
    std::string authority;  // the Host header's value
    std::string key;        // "https://host:port"
    // How to get there; null: by the pool's own dialer. Whoever loads another configuration brings
    // other dialers, and requests that began before keep theirs.
    std::shared_ptr<Dialer> dialer = {};
};

// Makes connections. The real one is DirectDialer; tests bring their own.
class Dialer {
  public:
    virtual ~Dialer() = default;
    [[nodiscard]] virtual asio::awaitable<Result<std::unique_ptr<Stream>>> dial(
        Loop& loop, const Origin& origin, Limit limit, CancelScope& scope) = 0;
};

// resolve → (proxy) connect → (CONNECT) → (TLS), all within the limit.
class NetDialer final : public Dialer {
  public:
    NetDialer(std::shared_ptr<TlsContext> tls, ProxySettings proxy, ResolverOptions resolver = {});
    [[nodiscard]] asio::awaitable<Result<std::unique_ptr<Stream>>> dial(
        Loop& loop, const Origin& origin, Limit limit, CancelScope& scope) override;

  private:
    std::shared_ptr<TlsContext> tls_;
    ProxySettings proxy_;
    Resolver resolver_;
};

struct PoolOptions {
    std::size_t max_idle_per_origin = 64;  // per loop
    std::size_t max_idle = 512;            // per loop, over all origins
    Millis max_idle_age{55'000};
    Millis takeover_limit{250};  // a loop too busy to hand one over is not waited for
};

struct PooledStream {
    std::unique_ptr<Stream> stream;
    bool reused = false;
};

struct PoolCounters {
    std::uint64_t dialed = 0, reused = 0, taken_over = 0;
    std::uint64_t replaced = 0;  // reused ones that turned out to be dead
    std::size_t idle = 0;
};

// One for the process; thread-safe as a whole, each loop's part touched by its own thread only.
// Must outlive the loops' coroutines.
class Pool {
  public:
    // `dialer` may be null if all origins bring theirs.
    Pool(LoopPool& loops, std::unique_ptr<Dialer> dialer, PoolOptions options = {});
    // For a single loop (tests).
    Pool(Loop& loop, std::unique_ptr<Dialer> dialer, PoolOptions options = {});
    ~Pool();

    // A live idle connection, or a new one. `fresh`: only a new one, in place of a reused one that
    // was dead.
    [[nodiscard]] asio::awaitable<Result<PooledStream>> acquire(Loop& loop, const Origin& origin,
                                                                Limit limit, CancelScope& scope,
                                                                bool fresh);
    // Only after a complete exchange that allows another one.
    void release(Loop& loop, const Origin& origin, std::unique_ptr<Stream> stream);
    // Closes all idle connections of all loops (reload, shutdown).
    void clear();
    // Approximate when read from another thread.
    [[nodiscard]] PoolCounters counters() const;
    // Idle connections of one origin, over all loops; by Origin::key.
    [[nodiscard]] std::size_t idle(const std::string& key) const;

  private:
    struct Shard;
    struct Directory;
    struct Handover;
    [[nodiscard]] Shard& shard(Loop& loop);
    [[nodiscard]] asio::awaitable<std::unique_ptr<Stream>> take_over(Loop& loop,
                                                                     const Origin& origin,
                                                                     CancelScope& scope);

    std::unique_ptr<Dialer> dialer_;
    PoolOptions options_;
    std::unique_ptr<Directory> directory_;
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace ccr::net
