// SPDX-License-Identifier: MIT
#include "daemon/app.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "common/digest.hpp"
#include "common/log.hpp"
#include "daemon/api/endpoints.hpp"
#include "daemon/api/moment.hpp"
#include "daemon/build_snapshot.hpp"
#include "daemon/control/verbs.hpp"
#include "daemon/http/routes.hpp"
#include "daemon/net/spawn.hpp"
#include "daemon/proxy/rank_file.hpp"
#include "daemon/saved_state.hpp"
#include "daemon/state_dir.hpp"
#include "daemon/systemd.hpp"

namespace ccr {
namespace {

// Clients of the control channel at a time; those beyond are turned away.
constexpr std::size_t max_control_connections = 64;

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

// What a reload cannot change: the keys' names.
std::vector<std::string> needing_restart(const Config& before, const Config& after) {
    std::vector<std::string> keys;
    const auto note = [&keys](bool changed, const char* key) {
        if (changed) keys.emplace_back(key);
    };
    note(before.server.host != after.server.host, "HOST");
    note(before.server.port != after.server.port, "PORT");
    note(before.server.threads != after.server.threads, "threads");
    note(before.pool.max_idle_per_host != after.pool.max_idle_per_host ||
             before.pool.idle_timeout != after.pool.idle_timeout,
         "Pool");
    return keys;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names)
        out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

void signal(int event_fd) {
    const std::uint64_t one = 1;
    static_cast<void>(::write(event_fd, &one, sizeof one));  // full is as good as written
}

}  // namespace

Result<std::unique_ptr<App>> App::create(std::shared_ptr<const Config> config,
                                         const AppOptions& options) {
    std::unique_ptr<App> app(new App);
    auto built = app->build(std::move(config), options);
    if (!built) return std::move(built).error();
    return app;
}

Result<void> App::build(std::shared_ptr<const Config> config, const AppOptions& options) {
    config_ = std::move(config);
    changed_ = net::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    stirred_ = net::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!changed_ || !stirred_) return Error(ErrorKind::io, "no event descriptor");
    const std::size_t loops = loop_count(*config_);
    book_ = std::make_unique<stats::Book>(loops + 1);  // the control channel's is the last
    shared_.book = book_.get();
    shared_.stirred = [fd = stirred_.get()] { signal(fd); };
    auto snapshot = build_snapshot(config_, *book_);
    if (!snapshot) return std::move(snapshot).error();
    shared_.envelope_key = state_dir::envelope_key();
    shared_.health.configure(config_->dispatch);
    restore_state();

    loops_ = std::make_unique<net::LoopPool>(loops);
    control_loop_ = std::make_unique<net::LoopPool>(1);
    pool_ = std::make_unique<net::Pool>(*loops_, nullptr, pool_options(config_->pool));
    shared_.pool = pool_.get();
    tokens_ = std::make_unique<proxy::TokenCounter>(proxy::rank_folders());
    shared_.tokens = tokens_.get();
    store::HistoryOptions history;
    const std::string state_folder = state_dir::path();
    if (!state_folder.empty()) history.file = state_folder + "/usage.db";
    history.retention_days = config_->usage_retention_days;
    history_ = std::make_unique<store::History>(*book_, std::move(history));
    shared_.history = history_.get();
    build_workers(*snapshot);
    return open_listeners(options);
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
    control_site_ = std::make_unique<Site>();
    auto& worker = control_site_->worker;
    worker.loop = &control_loop_->at(0);
    worker.shared = &shared_;
    worker.stats = &book_->shard(loops_->size());
    worker.snapshot = snapshot;
    control_site_->service = build_control_service();
    view_.shared = &shared_;
    view_.snapshot = snapshot;
}

template <typename What>
void App::on_each_site(What&& what) {
    for (std::size_t i = 0; i < sites_.size(); ++i)
        what(loops_->at(i), *sites_[i]);
    what(control_loop_->at(0), *control_site_);
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
             endpoint.needs_key, endpoint.errors});
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

// No key is asked for and any Host will do: who may reach the socket may ask.
std::shared_ptr<http::Service> App::build_control_service() {
    control::Desk desk{control_site_->worker, office_, *loops_};
    std::vector<http::Route> table;
    for (const auto& verb : control::verbs()) {
        table.push_back(
            {verb.method, verb.pattern,
             [desk, handler = verb.handler](http::Request& request, http::Reply& reply) mutable {
                 return handler(desk, request, reply);
             },
             false});
    }
    auto routes = std::make_shared<const http::Routes>(std::move(table));
    auto service = std::make_shared<http::Service>();
    service->options = server_options(config_->server);
    service->handler = [routes](http::Request& request, http::Reply& reply) {
        static const http::GuardOptions any_host{{"*"}, {}};
        if (!control::from_web_page(request)) request.headers.remove("host");
        return control::from_web_page(request) ? control::refuse_web_page(reply)
                                               : routes->dispatch(any_host, request, reply);
    };
    return service;
}

net::OnAccept App::accept_control() {
    return [this](net::Loop& loop, std::unique_ptr<net::Stream> stream, net::ActiveToken active) {
        if (loop.residents() >= max_control_connections) return;
        net::spawn(loop, "control",
                   http::serve(std::move(stream), loop, control_site_->service, std::move(active)));
    };
}

Result<void> App::open_listeners(const AppOptions& options) {
    const auto accept = [this](net::Loop& loop, std::unique_ptr<net::Stream> stream,
                               net::ActiveToken active) {
        const auto& service = sites_[static_cast<std::size_t>(loop.index())]->service;
        net::spawn(loop, "connection",
                   http::serve(std::move(stream), loop, service, std::move(active)));
    };
    auto opened = open_sockets(config_->server, options.control, options.control_required,
                               systemd::inherited_sockets());
    if (!opened) return std::move(opened).error();
    sockets_ = std::move(*opened);
    for (auto& socket : sockets_.http)
        listeners_.push_back(std::make_unique<net::Listener>(*loops_, std::move(socket), accept));
    if (sockets_.control.fd) {
        control_listener_ = std::make_unique<net::Listener>(
            *control_loop_, std::move(sockets_.control.fd), accept_control());
    }
    return {};
}

void App::start() {
    loops_->start();
    control_loop_->start();
    for (auto& listener : listeners_)
        listener->start();
    if (control_listener_) control_listener_->start();
}

std::vector<control::Listener> App::listeners() const {
    std::vector<control::Listener> out;
    for (const auto& listener : listeners_) {
        const bool own = !sockets_.http_inherited;
        out.push_back({"http", own ? url() : "http://" + listener->address(), !own});
    }
    if (control_listener_) {
        out.push_back({"control", sockets_.control.path, sockets_.control.inherited});
    }
    return out;
}

std::vector<stats::TargetHealth> App::health() const {
    return api::target_health(view_);
}

Result<std::vector<std::string>> App::reload(std::shared_ptr<const Config> config) {
    auto built = build_snapshot(config, *book_);
    if (!built) {
        reload_failed();
        return std::move(built).error();
    }
    const auto before = std::exchange(config_, std::move(config));
    auto kept = needing_restart(*before, *config_);
    if (!kept.empty()) log::warn("reload: changes of " + joined(kept) + " need a restart");
    view_.snapshot = *built;
    // Open connections keep the limits they were accepted with.
    const auto service = build_service();
    on_each_site([&](net::Loop& loop, Site& site) {
        const bool control = &site == control_site_.get();
        loop.post([&site, snapshot = *built, service = control ? site.service : service] {
            site.worker.snapshot = snapshot;
            site.service = service;
        });
    });
    shared_.health.configure(config_->dispatch);
    history_->set_retention(config_->usage_retention_days);
    if (!same_ways(*before, *config_)) pool_->clear();
    log::set_level(config_->log_level);
    ++shared_.reloads_ok;
    return kept;
}

void App::begin_drain() {
    shared_.draining = true;
    for (auto& listener : listeners_)
        listener->close();
    const auto changed = [fd = changed_.get()] { signal(fd); };
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

stats::Totals App::totals() const {
    return book_->totals();
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

void App::end_control() {
    if (control_listener_) control_listener_->close();
    control_loop_->at(0).post([&loop = control_loop_->at(0), fd = changed_.get()] {
        loop.drain([fd] { signal(fd); });
        loop.interrupt();
    });
}

bool App::control_ended() const {
    return control_loop_->at(0).residents() == 0;
}

App::~App() {
    stop();
    if (!control_loop_) return;
    if (control_listener_) control_listener_->close();
    control_loop_->stop();
    control_loop_->join();
}

void App::ask_loops() {
    ++asked_;
    on_each_site([this](net::Loop& loop, Site& site) {
        loop.post([&site, question = asked_] { site.answered = question; });
    });
}

bool App::all_alive() const {
    return control_site_->answered.load() == asked_ &&
           std::all_of(sites_.begin(), sites_.end(),
                       [this](const auto& site) { return site->answered.load() == asked_; });
}

void App::restore_state() {
    const std::string directory = state_dir::path();
    if (directory.empty()) return;
    state_file_ = directory + "/state.json";
    if (auto aside = saved_state::restore(state_file_, shared_)) {
        set_aside_.push_back(std::move(*aside));
    }
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
