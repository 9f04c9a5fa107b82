// SPDX-License-Identifier: MIT
// The service manager's view of ccrd: is there a unit, how is it, and jobs on it, over sd-bus.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "ctl/arguments.hpp"

struct sd_bus;

namespace ccr::ctl {

inline constexpr std::string_view service_unit = "ccrd.service";

struct UnitState {
    std::string load;       // "loaded", "not-found", "masked" …
    std::string active;     // "active", "inactive", "failed", "activating", "deactivating", …
    std::string sub;        // "running", "dead", "stop-sigterm" …
    std::string enabled;    // "enabled", "disabled", "static" …; of the unit file
    std::string result;     // "success", "exit-code", "timeout", "watchdog" …
    std::string status;     // the daemon's STATUS=
    std::int64_t pid = 0;   // 0: none
    std::int64_t exit = 0;  // exit status of the last main process
    std::int64_t restarts = 0;

    [[nodiscard]] bool installed() const { return load == "loaded"; }
    [[nodiscard]] bool up() const {
        return active == "active" || active == "reloading" || active == "activating" ||
               active == "deactivating";
    }
};

enum class Job : std::uint8_t { start, stop, restart };

// One service manager. Not thread-safe.
class Manager {
  public:
    // `system` or `user`. ErrorKind::unavailable: no such manager on this machine.
    static Result<Manager> open(Scope scope);

    [[nodiscard]] Scope scope() const { return scope_; }
    Result<UnitState> state(std::string_view unit = service_unit);

    // Queues the job and waits for its end. Starts that failed before do not count against it: the
    // manager's limit is for restarts of its own, not for who has just mended something. `idle` is
    // called about ten times a second while it waits; false stops the waiting, not the job. Gives
    // systemd's word: "done", "failed", "timeout", "canceled", "dependency", "skipped"; empty when
    // `idle` stopped it. Errors: forbidden (4), timeout after `limit`.
    Result<std::string> run(Job job, std::string_view unit, Millis limit,
                            const std::function<bool()>& idle = {});

    // The last lines of the unit's journal since its last start, oldest first, as far as this user
    // may read them.
    [[nodiscard]] std::vector<std::string> last_lines(std::string_view unit,
                                                      std::size_t count) const;

  private:
    struct Closer {
        void operator()(sd_bus* bus) const;
    };
    void forget_failures(std::string_view unit);
    explicit Manager(Scope scope, sd_bus* bus) : scope_(scope), bus_(bus) {}
    [[nodiscard]] std::string text(const std::string& path, const char* interface,
                                   const char* name);
    [[nodiscard]] std::int64_t number(const std::string& path, const char* interface,
                                      const char* name, char type);

    Scope scope_;
    std::unique_ptr<sd_bus, Closer> bus_;
};

struct Found {
    Manager manager;
    UnitState state;
};
// The manager where ccrd's unit is installed: the one that `scope` names; of both, the one where it
// runs, else the system's for root and the user's for others. Nothing: no unit there.
[[nodiscard]] std::optional<Found> find_unit(Scope scope);

}  // namespace ccr::ctl
