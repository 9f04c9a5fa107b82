// SPDX-License-Identifier: MIT
// resolve → connect → CONNECT → TLS, each in what is left of the one limit.
#include <algorithm>
#include <utility>

#include "daemon/net/connect.hpp"
#include "daemon/net/pool.hpp"

namespace ccr::net {
namespace {

class Budget {
  public:
    explicit Budget(Limit limit) : end_(std::chrono::steady_clock::now() + limit) {}
    [[nodiscard]] Limit left() const {
        const auto rest = std::chrono::ceil<Millis>(end_ - std::chrono::steady_clock::now());
        return std::max(rest, Limit{0});
    }

  private:
    SteadyTime end_;
};

// Puts the stream under the scope's cancellation while a call on it is in progress.
class Watched {
  public:
    Watched(CancelScope& scope, Stream& stream) : scope_(scope) { scope_.watch(&stream); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() { scope_.watch(nullptr); }

  private:
    CancelScope& scope_;
};

}  // namespace

NetDialer::NetDialer(std::shared_ptr<TlsContext> tls, ProxySettings proxy, ResolverOptions resolver)
    : tls_(std::move(tls)), proxy_(std::move(proxy)), resolver_(std::move(resolver)) {}

asio::awaitable<Result<std::unique_ptr<Stream>>> NetDialer::dial(Loop& loop, const Origin& origin,
                                                                 Limit limit, CancelScope& scope) {
    const Budget budget(limit);
    const Url* proxy = proxy_.proxy_for(origin.host, origin.port);
    const std::string& host = proxy ? proxy->host : origin.host;
    const std::uint16_t port = proxy ? proxy->port : origin.port;
    auto addresses = co_await resolver_.resolve(loop, host, port, budget.left(), &scope);
    if (!addresses) co_return std::move(addresses).error();
    auto socket = co_await connect_any(loop, std::move(*addresses), budget.left(), &scope);
    if (!socket) co_return socket.error().wrap(origin.key);
    StreamParts parts;
    parts.fd = std::move(*socket);
    if (proxy) {
        auto plain = make_stream(loop, std::move(parts));
        const Watched watched(scope, *plain);
        auto way = co_await proxy_connect(*plain, *proxy, origin.host, origin.port, budget.left());
        if (!way) co_return std::move(way).error();
        parts = plain->detach();
    }
    if (!origin.tls) co_return make_stream(loop, std::move(parts));
    if (!tls_) co_return Error{ErrorKind::tls, "TLS is not set up"};
    co_return co_await tls_->handshake(loop, std::move(parts), origin.host, origin.port,
                                       budget.left(), &scope);
}

}  // namespace ccr::net
