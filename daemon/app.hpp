// SPDX-License-Identifier: MIT
// The composition root: builds everything in dependency order, owns it, and takes it down again.
// Nothing else knows all the parts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "daemon/http/server.hpp"
#include "daemon/net/listen.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/proxy/token_counter.hpp"
#include "daemon/proxy/worker.hpp"

namespace ccr {

class App {
  public:
    // Everything but accepting: a config that cannot be served is an error here. Uses sockets
    // handed over by the service manager, else binds HOST:PORT.
    [[nodiscard]] static Result<std::unique_ptr<App>> create(std::shared_ptr<const Config> config);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    void start();
    // No new connections; requests in flight go on, their connections close behind them.
    void begin_drain();
    [[nodiscard]] std::size_t requests_in_flight() const;
    // Ends what is left and joins the loops.
    void stop();

    [[nodiscard]] std::uint16_t port() const;
    // "http://127.0.0.1:3456"
    [[nodiscard]] std::string url() const;

  private:
    App() = default;
    [[nodiscard]] Result<void> build(std::shared_ptr<const Config> config);
    [[nodiscard]] Result<void> build_pool();
    void build_workers();
    void build_service();
    [[nodiscard]] Result<void> open_listeners();

    // Destroyed from the last to the first: listeners, then the pool whose connections live on the
    // loops, then the loops.
    std::shared_ptr<const Config> config_;
    std::shared_ptr<const proxy::Snapshot> snapshot_;
    proxy::Shared shared_;
    std::unique_ptr<net::LoopPool> loops_;
    std::unique_ptr<net::Pool> pool_;
    std::unique_ptr<proxy::TokenCounter> tokens_;
    std::vector<std::unique_ptr<proxy::Worker>> workers_;
    std::shared_ptr<http::Service> service_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace ccr
