// SPDX-License-Identifier: MIT
#include "daemon/app.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "daemon/api/endpoints.hpp"
#include "daemon/http/routes.hpp"
#include "daemon/net/spawn.hpp"
#include "daemon/proxy/rank_file.hpp"
#include "daemon/state_dir.hpp"
#include "daemon/systemd.hpp"

namespace ccr {
namespace {

namespace asio = boost::asio;

constexpr std::string_view http_socket = "http";

// A provider with a trust store of its own is dialled with it, all others with the system's.
class ProviderDialer final : public net::Dialer {
  public:
    static Result<std::unique_ptr<net::Dialer>> create(const proxy::Snapshot& snapshot) {
        auto dialer = std::make_unique<ProviderDialer>();
        const auto& config = snapshot.config();
        std::string no_proxy;
        for (const auto& entry : config.proxy.no_proxy)
            no_proxy += entry + ",";
        auto proxy = net::make_proxy_settings(config.proxy.url.reveal(), no_proxy);
        if (!proxy) return std::move(proxy).error();
        for (const auto& provider : snapshot.directory->providers()) {
            const auto& origin = snapshot.origin(provider);
            // HTTPS_PROXY of the environment speaks of https only; PROXY_URL of all.
            const bool direct = config.proxy.https_only && !origin.tls;
            const Way way{provider.config->ca_file, direct, origin.tls};
            auto added = dialer->add(origin.key, way, direct ? net::ProxySettings() : *proxy);
            if (!added) {
                return added.error().wrap("provider " + provider.config->name + ": tls.ca_file");
            }
        }
        return std::unique_ptr<net::Dialer>(std::move(dialer));
    }

    asio::awaitable<Result<std::unique_ptr<net::Stream>>> dial(net::Loop& loop,
                                                               const net::Origin& origin,
                                                               net::Limit limit,
                                                               net::CancelScope& scope) override {
        return by_origin_.at(origin.key)->dial(loop, origin, limit, scope);
    }

  private:
    // What tells one dialer from another; the lookups and TLS sessions behind one are shared.
    struct Way {
        std::string ca_file;
        bool direct;
        bool tls;
        auto operator<=>(const Way&) const = default;
    };

    Result<void> add(const std::string& origin, const Way& way, const net::ProxySettings& proxy) {
        auto& dialer = shared_[way];
        if (!dialer) {
            std::shared_ptr<net::TlsContext> context;
            if (way.tls) {
                // Reading the system's certificates is most of the time that a start takes.
                auto tls = net::TlsContext::create({way.ca_file});
                if (!tls) return std::move(tls).error();
                context = std::move(*tls);
            }
            dialer = std::make_shared<net::NetDialer>(std::move(context), proxy);
        }
        by_origin_[origin] = dialer;
        return {};
    }

    std::map<Way, std::shared_ptr<net::NetDialer>> shared_;
    std::map<std::string, std::shared_ptr<net::NetDialer>, std::less<>> by_origin_;
};

std::size_t loop_count(const Config& config) {
    if (config.server.threads != 0) return config.server.threads;
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

http::ServerOptions server_options(const config::Server& server) {
    http::ServerOptions options;
    options.header_limit = server.header_limit;
    options.body_limit = server.body_limit;
    options.header_timeout = server.header_timeout;
    options.body_timeout = server.body_timeout;
    options.idle_timeout = server.keep_alive_timeout;
    options.write_timeout = server.write_timeout;
    return options;
}

}  // namespace

Result<std::unique_ptr<App>> App::create(std::shared_ptr<const Config> config) {
    std::unique_ptr<App> app(new App);
    auto built = app->build(std::move(config));
    if (!built) return std::move(built).error();
    return app;
}

Result<void> App::build(std::shared_ptr<const Config> config) {
    config_ = std::move(config);
    auto directory = route::Directory::build(config_);
    if (!directory) return std::move(directory).error();
    auto snapshot = std::make_shared<proxy::Snapshot>();
    for (const auto& provider : (*directory)->providers()) {
        snapshot->origins.emplace_back(provider.config->endpoint);
    }
    snapshot->directory = std::move(*directory);
    snapshot_ = std::move(snapshot);
    shared_.envelope_key = state_dir::envelope_key();

    loops_ = std::make_unique<net::LoopPool>(loop_count(*config_));
    if (auto pool = build_pool(); !pool) return pool;
    build_workers();
    build_service();
    return open_listeners();
}

Result<void> App::build_pool() {
    auto dialer = ProviderDialer::create(*snapshot_);
    if (!dialer) return std::move(dialer).error();
    net::PoolOptions options;
    options.max_idle_per_origin = config_->pool.max_idle_per_host;
    options.max_idle_age = config_->pool.idle_timeout;
    pool_ = std::make_unique<net::Pool>(*loops_, std::move(*dialer), options);
    shared_.pool = pool_.get();
    tokens_ = std::make_unique<proxy::TokenCounter>(proxy::rank_folders());
    shared_.tokens = tokens_.get();
    return {};
}

void App::build_workers() {
    for (std::size_t i = 0; i < loops_->size(); ++i) {
        auto worker = std::make_unique<proxy::Worker>();
        worker->loop = &loops_->at(i);
        worker->shared = &shared_;
        worker->snapshot = snapshot_;
        workers_.push_back(std::move(worker));
    }
}

void App::build_service() {
    std::vector<http::Route> table;
    for (const auto& endpoint : api::endpoints()) {
        table.push_back(
            {endpoint.method, endpoint.pattern,
             [this, handler = endpoint.handler](http::Request& request, http::Reply& reply) {
                 const auto index = static_cast<std::size_t>(reply.loop().index());
                 return handler(*workers_[index], request, reply);
             },
             endpoint.needs_key});
    }
    auto routes = std::make_shared<const http::Routes>(std::move(table));
    auto guard = std::make_shared<const http::GuardOptions>(
        http::GuardOptions{config_->server.allowed_hosts, config_->server.api_key});
    service_ = std::make_shared<http::Service>();
    service_->options = server_options(config_->server);
    service_->handler = [routes, guard](http::Request& request, http::Reply& reply) {
        return routes->dispatch(*guard, request, reply);
    };
}

Result<void> App::open_listeners() {
    const auto accept = [service = service_](net::Loop& loop, std::unique_ptr<net::Stream> stream,
                                             net::ActiveToken active) {
        net::spawn(loop, "connection",
                   http::serve(std::move(stream), loop, service, std::move(active)));
    };
    std::vector<net::Fd> sockets;
    for (auto& inherited : systemd::inherited_sockets()) {
        // A socket unit without FileDescriptorName= passes its own name.
        if (inherited.name == http_socket || inherited.name == "ccrd.socket") {
            sockets.push_back(std::move(inherited.fd));
        }
    }
    if (sockets.empty()) {
        auto bound = net::bind_tcp(config_->server.host, config_->server.port);
        if (!bound) return std::move(bound).error();
        sockets.push_back(std::move(*bound));
    }
    for (auto& socket : sockets) {
        listeners_.push_back(std::make_unique<net::Listener>(*loops_, std::move(socket), accept));
    }
    return {};
}

void App::start() {
    loops_->start();
    for (auto& listener : listeners_)
        listener->start();
}

void App::begin_drain() {
    shared_.draining = true;
    service_->draining = true;
    for (auto& listener : listeners_)
        listener->close();
}

std::size_t App::requests_in_flight() const {
    return shared_.streams.load();
}

void App::stop() {
    if (!loops_) return;
    for (auto& listener : listeners_)
        listener->close();
    loops_->stop();
    loops_->join();
}

App::~App() {
    stop();
}

std::uint16_t App::port() const {
    return listeners_.empty() ? 0 : listeners_.front()->port();
}

std::string App::url() const {
    const auto& host = config_->server.host;
    const bool v6 = host.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

}  // namespace ccr
