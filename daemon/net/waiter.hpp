// SPDX-License-Identifier: MIT
// The one suspension primitive: a coroutine waits for one event on its loop, with a limit and a way
// to be cancelled. Sockets, sleeps, lookups, hand-overs and queues are all built on it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <optional>

#include "common/result.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/timer_wheel.hpp"

namespace ccr::net {

class Stream;

// Time an operation may take, or (write) go without progress.
using Limit = Millis;

enum class Wake : std::uint8_t { ready, timeout, cancelled };

// Lets another party on the same loop end whatever wait a chain of coroutines is in (a request
// whose client left). Sticky. Must outlive the calls it is passed to.
class CancelScope {
  public:
    CancelScope() = default;
    CancelScope(const CancelScope&) = delete;
    CancelScope& operator=(const CancelScope&) = delete;

    void cancel();
    [[nodiscard]] bool cancelled() const { return cancelled_; }
    // The stream whose operations cancel() ends as well; nullptr for none.
    void watch(Stream* stream);

  private:
    friend class Waiter;
    bool cancelled_ = false;
    Waiter* waiter_ = nullptr;
    Stream* stream_ = nullptr;
};

// At most one coroutine waits at a time. Loop-local. A wake(ready) without a waiter is kept for the
// next wait(). Must outlive the wait.
class Waiter : private TimerNode {
  public:
    Waiter() = default;

    [[nodiscard]] asio::awaitable<Wake> wait(Loop& loop, Limit limit, CancelScope* scope = nullptr);
    // Ends the wait from the loop's queue: safe to call from anywhere on the loop's thread, also
    // from callbacks of objects that the woken coroutine is about to destroy.
    void wake(Wake reason = Wake::ready);
    // Ends the wait inside this call; for the reactor's own completions, as their last act.
    void wake_inline(Wake reason = Wake::ready);
    [[nodiscard]] bool waiting() const { return resume_.has_value(); }
    void forget() { pending_.reset(); }

  private:
    friend class Loop;
    friend class CancelScope;
    using Resume = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

    void on_timer() override { wake(Wake::timeout); }
    [[nodiscard]] Resume end(Wake reason);
    void link(Loop& loop);
    void unlink();

    Loop* loop_ = nullptr;
    Waiter* before_ = nullptr;
    Waiter* after_ = nullptr;
    std::optional<Resume> resume_;
    std::optional<Wake> pending_;
    Wake reason_ = Wake::ready;
};

// Ends early with ErrorKind::cancelled on scope->cancel() or shutdown.
[[nodiscard]] asio::awaitable<Result<void>> sleep_for(Loop& loop, Millis time,
                                                      CancelScope* scope = nullptr);

}  // namespace ccr::net
