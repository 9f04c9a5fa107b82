// SPDX-License-Identifier: MIT
// What the main thread does while the loops serve: signals, what the control channel asks for, the
// service manager's watchdog, saving the state now and then, and the orderly end.
#pragma once

#include <csignal>
#include <optional>
#include <string>

#include "common/config/load.hpp"
#include "common/time.hpp"
#include "daemon/app.hpp"
#include "daemon/control/office.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/tier_watch.hpp"

namespace ccr {

class Supervisor final : private control::Master {
  public:
    // `loaded` is what the app was made of; `config_file` is what a reload reads again.
    Supervisor(App& app, config::Loaded loaded, std::string config_file);

    // SIGTERM, SIGINT, SIGHUP wait for the supervisor. To be called before any thread starts:
    // threads inherit it.
    static void block_signals();

    // Serves until a signal or the control channel ends it; the app is stopped and its state saved
    // on return.
    void run();

  private:
    // control::Master
    [[nodiscard]] control::ReloadResult reload() override;
    void drain() override;
    void stop(bool at_once) override;

    void begin();
    // Waits for a signal, a request, a change in the app, or until something is due.
    void wait();
    void take_signals();
    void housekeeping(SteadyTime now);
    void advance_drain(SteadyTime now);
    void end();
    [[nodiscard]] bool over() const {
        return ending_ && draining_ && (app_.drained() || given_up_);
    }
    [[nodiscard]] config::Loaded load();
    [[nodiscard]] std::string take_over(config::Loaded loaded, control::ReloadResult& result);
    void note_config(std::size_t warnings);
    void tell_status(SteadyTime now);
    [[nodiscard]] std::string status() const;
    [[nodiscard]] std::string serving() const;

    App& app_;
    std::string config_file_;
    config::Loaded loaded_;  // trees of the configuration in force
    net::Fd signals_;
    TierWatch tiers_;
    std::optional<Millis> beat_;  // how often the watchdog is told
    SteadyTime next_beat_{};
    SteadyTime next_save_{};
    SteadyTime next_look_ = SteadyTime::max();  // at the tiers, or at a drain's progress
    SteadyTime next_status_{};
    std::string told_;     // the service manager, last
    std::string trouble_;  // of the last reload
    bool draining_ = false;
    bool ending_ = false;
    bool impatient_ = false;
    bool interrupted_ = false;
    bool given_up_ = false;
    SteadyTime drain_deadline_ = SteadyTime::max();
    SteadyTime give_up_at_ = SteadyTime::max();
};

}  // namespace ccr
