// SPDX-License-Identifier: MIT
// The composition root: builds everything in dependency order, owns it, and takes it down again.
// Nothing else knows all the parts. All calls come from one thread, the one that created it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "daemon/control/office.hpp"
#include "daemon/http/server.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/net/listen.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/pool.hpp"
#include "daemon/proxy/dedup.hpp"
#include "daemon/proxy/token_counter.hpp"
#include "daemon/proxy/worker.hpp"
#include "daemon/sockets.hpp"
#include "daemon/stats/report.hpp"
#include "daemon/store/history.hpp"

namespace ccr {

struct AppOptions {
    // Where to listen for `ccr`, see open_sockets(). `control_required`: it was asked for.
    std::string control;
    bool control_required = false;
};

class App {
  public:
    // Everything but accepting: a config that cannot be served is an error here. Uses sockets
    // handed over by the service manager, else binds HOST:PORT and the control socket.
    [[nodiscard]] static Result<std::unique_ptr<App>> create(std::shared_ptr<const Config> config,
                                                             const AppOptions& options);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    void start();

    // Requests from now on are served by `config`, those in flight by the one they began with. An
    // error has changed nothing. Gives the keys whose change needs a restart, which is logged.
    [[nodiscard]] Result<std::vector<std::string>> reload(std::shared_ptr<const Config> config);
    // For the count of reloads whose configuration could not even be read.
    void reload_failed() { ++shared_.reloads_failed; }

    // No new connections; requests in flight go on, their connections close behind them.
    void begin_drain();
    // After begin_drain(): nobody is left.
    [[nodiscard]] bool drained() const;
    // Becomes readable when drained() may have changed.
    [[nodiscard]] int changed_fd() const { return changed_.get(); }
    // Every answer that is still being given ends now, with an error that the client can read.
    void interrupt();
    [[nodiscard]] std::size_t requests_in_flight() const;
    // Ends what is left of the API and joins its loops. The control channel goes on.
    void stop();
    // What is asked on the control channel ends, with a last word to those who wait.
    void end_control();
    // After end_control(): nobody is left there. changed_fd() tells of it too.
    [[nodiscard]] bool control_ended() const;

    [[nodiscard]] control::Office& office() { return office_; }
    [[nodiscard]] proxy::EventFeed& feed() { return shared_.feed; }
    // The tiers as they are now, in rank order, then other targets.
    [[nodiscard]] std::vector<stats::TargetHealth> health() const;
    // What was served and what failed since the start.
    [[nodiscard]] stats::Totals totals() const;
    // Becomes readable when a target has failed.
    [[nodiscard]] int stirred_fd() const { return stirred_.get(); }
    [[nodiscard]] std::vector<control::Listener> listeners() const;

    // Asks every loop for a sign of life; all_alive() once all have given it.
    void ask_loops();
    [[nodiscard]] bool all_alive() const;

    // Files that could not be used at the start, by their new names.
    [[nodiscard]] const std::vector<std::string>& set_aside() const { return set_aside_; }
    // What is to outlive a restart, in the state directory. Any failure is logged.
    void save_state();

    [[nodiscard]] const Config& config() const { return *config_; }
    [[nodiscard]] std::uint16_t port() const;
    // "http://127.0.0.1:3456"
    [[nodiscard]] std::string url() const;

  private:
    App() = default;
    [[nodiscard]] Result<void> build(std::shared_ptr<const Config> config,
                                     const AppOptions& options);
    void build_workers(const std::shared_ptr<const proxy::Snapshot>& snapshot);
    [[nodiscard]] std::shared_ptr<http::Service> build_service();
    [[nodiscard]] std::shared_ptr<http::Service> build_control_service();
    [[nodiscard]] Result<void> open_listeners(const AppOptions& options);
    [[nodiscard]] net::OnAccept accept_control();
    void restore_state();

    // One loop's part; touched by that loop's thread only, but for the counts.
    struct Site {
        proxy::Worker worker;
        std::shared_ptr<http::Service> service;
        std::atomic<std::uint64_t> answered{0};  // the last question of ask_loops()
        std::atomic<bool> draining{false};
    };
    // Of every loop, the control channel's included.
    template <typename What>
    void on_each_site(What&& what);

    // Destroyed from the last to the first: listeners, then the pool whose connections live on the
    // loops, then the loops.
    net::Fd changed_;
    net::Fd stirred_;
    control::Office office_;
    std::shared_ptr<const Config> config_;
    std::unique_ptr<stats::Book> book_;
    proxy::Shared shared_;
    proxy::DedupTable dedup_;
    std::unique_ptr<net::LoopPool> loops_;
    // A loop of its own: it answers while the others are busy, and a drain leaves it alone.
    std::unique_ptr<net::LoopPool> control_loop_;
    std::unique_ptr<net::Pool> pool_;
    std::unique_ptr<proxy::TokenCounter> tokens_;
    std::unique_ptr<store::History> history_;
    std::vector<std::unique_ptr<Site>> sites_;
    std::unique_ptr<Site> control_site_;
    proxy::Worker view_;  // the main thread's look at the snapshot of the moment
    Sockets sockets_;     // what is left of it: the descriptors go to the listeners
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::unique_ptr<net::Listener> control_listener_;
    std::string state_file_;  // empty: none
    std::vector<std::string> set_aside_;
    std::uint64_t asked_ = 0;
};

}  // namespace ccr
