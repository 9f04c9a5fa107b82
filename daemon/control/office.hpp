// SPDX-License-Identifier: MIT
// Between the control channel's loop and the main thread: what the one asks the other to do, and
// what the other lets it know.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/control/types.hpp"
#include "common/time.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::control {

// The main thread. All calls are made on it.
class Master {
  public:
    Master() = default;
    Master(const Master&) = delete;
    Master& operator=(const Master&) = delete;
    virtual ~Master() = default;

    [[nodiscard]] virtual ReloadResult reload() = 0;
    // No more requests are taken; those in flight go on. Nothing new when called again.
    virtual void drain() = 0;
    // Drains, then ends the process. `at_once`: without waiting for what is in flight.
    virtual void stop(bool at_once) = 0;
};

// What the main thread knows and any may read.
struct Facts {
    std::int64_t started_at = 0;  // Unix milliseconds
    SteadyTime started{};
    ConfigStatus config;
    SteadyTime config_loaded{};
    std::string config_json;  // in force, secrets masked
    std::vector<Listener> listeners;
    bool reloading = false;
    std::optional<Drain> drain;  // without `left` and `left_seconds`
    SteadyTime drain_deadline{};
    std::optional<LastReload> last_reload;
    std::vector<std::string> set_aside;
};

class Office {
  public:
    static constexpr std::size_t max_tasks = 16;
    using Task = std::function<void(Master&)>;

    Office();

    // From any thread. False: too many are waiting.
    [[nodiscard]] bool post(Task task);
    // Becomes readable when there is something to do.
    [[nodiscard]] int fd() const { return posted_.get(); }
    // On the main thread: does what has been posted.
    void work(Master& master);

    [[nodiscard]] Facts facts() const;
    template <typename Change>
    void change(Change&& what) {
        const std::lock_guard lock(mutex_);
        what(facts_);
    }

  private:
    net::Fd posted_;
    mutable std::mutex mutex_;
    std::vector<Task> tasks_;
    Facts facts_;
};

// Has the main thread do something and waits for what comes of it. ErrorKind::unavailable: it is
// too busy, or did not answer within `limit`; it may do it all the same.
template <typename T>
[[nodiscard]] net::asio::awaitable<Result<T>> ask(net::Loop& loop, Office& office,
                                                  std::function<T(Master&)> what, net::Limit limit,
                                                  net::CancelScope* scope) {
    struct Errand {
        net::Waiter done;
        std::optional<T> answer;
    };
    const auto errand = std::make_shared<Errand>();
    const bool taken = office.post([&loop, errand, what = std::move(what)](Master& master) {
        loop.post([errand, answer = what(master)]() mutable {
            errand->answer = std::move(answer);
            errand->done.wake();
        });
    });
    if (!taken) co_return Error(ErrorKind::unavailable, "too much is asked at once; try again");
    co_await errand->done.wait(loop, limit, scope);
    if (!errand->answer) {
        co_return Error(ErrorKind::unavailable, "the daemon does not get round to it; try again");
    }
    co_return std::move(*errand->answer);
}

}  // namespace ccr::control
