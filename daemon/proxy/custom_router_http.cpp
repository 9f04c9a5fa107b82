// SPDX-License-Identifier: MIT
// A custom router behind HTTP, over TCP or a Unix socket. Its connections are its own: they are
// kept alive, and never go through a proxy.
#include <algorithm>

#include "common/log.hpp"
#include "daemon/http/client.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/net/unix_dialer.hpp"
#include "daemon/proxy/custom_router.hpp"

namespace ccr::proxy {
namespace {

// Made with the first connection: reading the system's certificates takes time.
class TcpDialer final : public net::Dialer {
  public:
    asio::awaitable<Result<std::unique_ptr<net::Stream>>> dial(net::Loop& loop,
                                                               const net::Origin& origin,
                                                               net::Limit limit,
                                                               net::CancelScope& scope) override {
        if (!dialer_) {
            std::shared_ptr<net::TlsContext> tls;
            if (origin.tls) {
                auto made = net::TlsContext::create({});
                if (!made) co_return std::move(made).error();
                tls = std::move(*made);
            }
            dialer_ = std::make_unique<net::NetDialer>(std::move(tls), net::ProxySettings());
        }
        co_return co_await dialer_->dial(loop, origin, limit, scope);
    }

  private:
    std::unique_ptr<net::NetDialer> dialer_;
};

class HttpHook final : public Hook {
  public:
    HttpHook(net::Loop& loop, const config::CustomRouter& config, net::Origin origin,
             std::string target, std::unique_ptr<net::Dialer> dialer)
        : loop_(loop),
          origin_(std::move(origin)),
          target_(std::move(target)),
          budget_(config.budget),
          pool_(loop, std::move(dialer)) {}

    asio::awaitable<Result<std::string>> ask(const Question& question,
                                             const OnGone& on_gone) override {
        const std::string body = summary(question);
        http::Exchange exchange(pool_, loop_);
        on_gone([&exchange] { exchange.cancel(); });
        auto answer = co_await post(exchange, body);
        on_gone(nullptr);
        co_return answer;
    }

  private:
    asio::awaitable<Result<std::string>> post(http::Exchange& exchange, const std::string& body) {
        const auto deadline = std::chrono::steady_clock::now() + budget_;
        const http::Headers headers{{"content-type", "application/json"},
                                    {"accept", "application/json, text/plain"}};
        http::ClientRequest request;
        request.origin = &origin_;
        request.target = target_;
        request.headers = &headers;
        request.body = {body};
        request.timers.connect = budget_;
        request.timers.head = budget_;
        request.timers.write_stall = budget_;
        auto begun = co_await exchange.begin(request);
        if (!begun) co_return std::move(begun).error();
        auto head = co_await exchange.head(left(deadline));
        if (!head) co_return std::move(head).error();
        auto text = co_await exchange.read_all(left(deadline), CustomRouter::max_answer);
        if (!text || head->status == 200) co_return text;
        if (head->status == 204) co_return std::string();
        co_return Error(ErrorKind::server_error,
                        "it answered with status " + std::to_string(head->status));
    }

    static Millis left(SteadyTime deadline) {
        const auto now = std::chrono::steady_clock::now();
        return std::max(std::chrono::ceil<Millis>(deadline - now), Millis{0});
    }

    net::Loop& loop_;
    net::Origin origin_;
    std::string target_;
    Millis budget_;
    net::Pool pool_;
};

}  // namespace

std::unique_ptr<Hook> make_http_hook(net::Loop& loop, const config::CustomRouter& config) {
    if (config.kind == config::CustomRouter::Kind::http) {
        return std::make_unique<HttpHook>(loop, config, net::Origin(config.url), config.url.target,
                                          std::make_unique<TcpDialer>());
    }
    net::Origin origin;
    origin.host = "localhost";
    origin.authority = "localhost";
    origin.key = "unix:" + config.path;
    return std::make_unique<HttpHook>(loop, config, std::move(origin), "/",
                                      std::make_unique<net::UnixDialer>(config.path));
}

}  // namespace ccr::proxy
