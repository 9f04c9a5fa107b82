// SPDX-License-Identifier: MIT
#include "daemon/app.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <thread>

#include "common/digest.hpp"
#include "common/log.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/build_snapshot.hpp"
#include "daemon/http/routes.hpp"
#include "daemon/net/spawn.hpp"
#include "daemon/proxy/rank_file.hpp"
#include "daemon/saved_state.hpp"
#include "daemon/state_dir.hpp"
#include "daemon/systemd.hpp"

namespace ccr {
namespace {

constexpr std::string_view http_socket = "http";

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

net::PoolOptions pool_options(const config::Pool& pool) {
    net::PoolOptions options;
    options.max_idle_per_origin = pool.max_idle_per_host;
    options.max_idle_age = pool.idle_timeout;
    return options;
}

// What a reload cannot change, with the keys' names.
std::string needing_restart(const Config& before, const Config& after) {
    std::string keys;
    const auto note = [&keys](bool changed, std::string_view key) {
        if (!changed) return;
        keys.append(keys.empty() ? "" : ", ").append(key);
    };
    note(before.server.host != after.server.host, "HOST");
    note(before.server.port != after.server.port, "PORT");
    note(before.server.threads != after.server.threads, "threads");
    note(before.pool.max_idle_per_host != after.pool.max_idle_per_host ||
             before.pool.idle_timeout != after.pool.idle_timeout,
         "the pool's limits");
    return keys;
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
    changed_ = net::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!changed_) return Error(ErrorKind::io, "no event descriptor");
    const std::size_t loops = loop_count(*config_);
    book_ = std::make_unique<stats::Book>(loops, std::time(nullptr));
    shared_.book = book_.get();
    auto snapshot = build_snapshot(config_, *book_);
    if (!snapshot) return std::move(snapshot).error();
    shared_.envelope_key = state_dir::envelope_key();
    shared_.health.configure(config_->dispatch);
    restore_state();

    loops_ = std::make_unique<net::LoopPool>(loops);
    pool_ = std::make_unique<net::Pool>(*loops_, nullptr, pool_options(config_->pool));
    shared_.pool = pool_.get();
    tokens_ = std::make_unique<proxy::TokenCounter>(proxy::rank_folders());
    shared_.tokens = tokens_.get();
    build_workers(*snapshot);
    return open_listeners();
}

void App::build_workers(const std::shared_ptr<const proxy::Snapshot>& snapshot) {
    const std::string dedup_key = random_bytes(KeyedHash::key_size);
    for (std::size_t i = 0; i < loops_->size(); ++i) {
        auto& worker = sites_.emplace_back(std::make_unique<Site>())->worker;
        worker.loop = &loops_->at(i);
        worker.shared = &shared_;
        worker.stats = &book_->shard(i);
        worker.dedup = std::make_shared<proxy::Dedup>(dedup_, dedup_key);
        worker.snapshot = snapshot;
    }
    const auto service = build_service();
    for (auto& site : sites_)
        site->service = service;
}

std::shared_ptr<http::Service> App::build_service() {
    std::vector<http::Route> table;
    for (const auto& endpoint : api::endpoints()) {
        table.push_back(
            {endpoint.method, endpoint.pattern,
             [this, handler = endpoint.handler](http::Request& request, http::Reply& reply) {
                 const auto index = static_cast<std::size_t>(reply.loop().index());
                 return handler(sites_[index]->worker, request, reply);
             },
             endpoint.needs_key});
    }
    auto routes = std::make_shared<const http::Routes>(std::move(table));
    auto service = std::make_shared<http::Service>();
    service->options = server_options(config_->server);
    service->handler = [this, routes](http::Request& request, http::Reply& reply) {
        const auto index = static_cast<std::size_t>(reply.loop().index());
        return routes->dispatch(sites_[index]->worker.snapshot->guard, request, reply);
    };
    return service;
}

Result<void> App::open_listeners() {
    const auto accept = [this](net::Loop& loop, std::unique_ptr<net::Stream> stream,
                               net::ActiveToken active) {
        const auto& service = sites_[static_cast<std::size_t>(loop.index())]->service;
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

Result<void> App::reload(std::shared_ptr<const Config> config) {
    auto built = build_snapshot(config, *book_);
    if (!built) {
        reload_failed();
        return std::move(built).error();
    }
    const auto before = std::exchange(config_, std::move(config));
    const std::string kept = needing_restart(*before, *config_);
    if (!kept.empty()) log::warn("reload: changes of " + kept + " need a restart");
    // Open connections keep the limits they were accepted with.
    const auto service = build_service();
    for (std::size_t i = 0; i < sites_.size(); ++i) {
        loops_->at(i).post([&site = *sites_[i], snapshot = *built, service] {
            site.worker.snapshot = snapshot;
            site.service = service;
        });
    }
    shared_.health.configure(config_->dispatch);
    if (!same_ways(*before, *config_)) pool_->clear();
    log::set_level(config_->log_level);
    ++shared_.reloads_ok;
    return {};
}

void App::begin_drain() {
    shared_.draining = true;
    for (auto& listener : listeners_)
        listener->close();
    const auto changed = [fd = changed_.get()] {
        const std::uint64_t one = 1;
        // Full is as good as written.
        static_cast<void>(::write(fd, &one, sizeof one));
    };
    // By way of the loop that accepts: each loop learns it behind the last connection that it gets.
    loops_->at(0).post([this, changed] {
        for (std::size_t i = 0; i < sites_.size(); ++i) {
            loops_->at(i).post([&loop = loops_->at(i), &site = *sites_[i], changed] {
                loop.drain(changed);
                site.draining = true;
                changed();
            });
        }
    });
}

bool App::drained() const {
    for (std::size_t i = 0; i < sites_.size(); ++i) {
        const net::Loop& loop = loops_->at(i);
        if (!sites_[i]->draining || loop.active.load() != 0 || loop.residents() != 0) return false;
    }
    return true;
}

void App::interrupt() {
    for (std::size_t i = 0; i < loops_->size(); ++i)
        loops_->at(i).post([&loop = loops_->at(i)] { loop.interrupt(); });
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

void App::ask_loops() {
    ++asked_;
    for (std::size_t i = 0; i < sites_.size(); ++i)
        loops_->at(i).post([&site = *sites_[i], question = asked_] { site.answered = question; });
}

bool App::all_alive() const {
    return std::all_of(sites_.begin(), sites_.end(),
                       [this](const auto& site) { return site->answered.load() == asked_; });
}

void App::restore_state() {
    const std::string directory = state_dir::path();
    if (directory.empty()) return;
    state_file_ = directory + "/state.json";
    saved_state::restore(state_file_, shared_);
}

void App::save_state() {
    if (!state_file_.empty()) saved_state::save(state_file_, shared_);
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
