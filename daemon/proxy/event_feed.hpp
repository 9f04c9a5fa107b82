// SPDX-License-Identifier: MIT
// What happens, told to whoever listens on the control channel. Costs one look at a number while
// nobody does. Any thread may tell; each listener lives on its own loop and has a bounded queue: a
// slow one misses events, and is told how many.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/control/types.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::proxy {

namespace asio = boost::asio;

class EventFeed {
  public:
    static constexpr std::size_t max_listeners = 16;
    static constexpr std::size_t max_waiting = 1024;  // events of one listener

    using Line = std::shared_ptr<const std::string>;  // the event as JSON

    // One listener's place; leaves with its last owner.
    class Box {
      public:
        explicit Box(net::Loop& loop) : loop_(loop) {}
        // What has come, at most `limit` later. Missed ones are told of in front. Loop-local.
        [[nodiscard]] asio::awaitable<std::vector<Line>> take(net::Limit limit,
                                                              net::CancelScope* scope);

      private:
        friend class EventFeed;
        // True if the reader has to be woken.
        bool put(const Line& line);

        net::Loop& loop_;
        net::Waiter waiter_;
        std::mutex mutex_;
        std::deque<Line> lines_;
        std::int64_t missed_ = 0;
        bool told_ = false;
    };

    [[nodiscard]] bool heard() const { return listeners_.load(std::memory_order_relaxed) != 0; }
    // Sets the time if there is none. To be called only if heard().
    void tell(control::Event event);
    // Null: too many listen already.
    [[nodiscard]] std::shared_ptr<Box> listen(net::Loop& loop);
    void leave(const std::shared_ptr<Box>& box);

  private:
    std::atomic<std::size_t> listeners_{0};
    std::mutex mutex_;
    std::vector<std::shared_ptr<Box>> boxes_;
};

}  // namespace ccr::proxy
