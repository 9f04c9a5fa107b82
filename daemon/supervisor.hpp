// SPDX-License-Identifier: MIT
// What the main thread does while the loops serve: signals, the service manager's watchdog, saving
// the state now and then, and the orderly end.
#pragma once

#include <csignal>
#include <optional>
#include <string>

#include "common/time.hpp"
#include "daemon/app.hpp"
#include "daemon/net/fd.hpp"

namespace ccr {

class Supervisor {
  public:
    // `config_file` is what SIGHUP reads again.
    Supervisor(App& app, std::string config_file);

    // SIGTERM, SIGINT, SIGHUP wait for the supervisor. To be called before any thread starts:
    // threads inherit it.
    static void block_signals();

    // Serves until a signal ends it; the app is stopped and its state saved on return.
    void run();

  private:
    // Waits for a signal, a change in the app (while draining), or until something is due.
    void wait(SteadyTime until);
    [[nodiscard]] std::optional<int> next_signal();
    void housekeeping(SteadyTime now);
    void reload();
    // True if a second signal ended it.
    bool drain_until(SteadyTime deadline);
    void drain();
    [[nodiscard]] std::string serving() const;

    App& app_;
    std::string config_file_;
    net::Fd signals_;
    std::optional<Millis> beat_;  // how often the watchdog is told
    SteadyTime next_beat_;
    SteadyTime next_save_;
    bool draining_ = false;
};

}  // namespace ccr
