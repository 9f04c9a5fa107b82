// SPDX-License-Identifier: MIT
// At most so many requests to a provider at a time, over all loops: first come, first served, in a
// queue of bounded length. Providers without a limit never come here.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "daemon/net/loop.hpp"
#include "daemon/net/waiter.hpp"

namespace ccr::proxy {

class Gates {
  public:
    // A request's place: in the queue, then at the provider. Giving it up lets the next one in.
    class Place {
      public:
        Place() = default;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        Place(Place&& other) noexcept
            : gates_(std::exchange(other.gates_, nullptr)), ticket_(std::move(other.ticket_)) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(gates_, other.gates_);
            std::swap(ticket_, other.ticket_);
            return *this;
        }
        ~Place() { leave(); }

        // False: the queue is full.
        [[nodiscard]] bool valid() const { return ticket_ != nullptr; }
        [[nodiscard]] bool admitted() const;
        // Until admitted, for `limit` at most; on the loop that entered.
        [[nodiscard]] net::asio::awaitable<net::Wake> wait(net::Limit limit,
                                                           net::CancelScope* scope);
        void leave();

      private:
        friend class Gates;
        struct Ticket;
        Gates* gates_ = nullptr;
        std::shared_ptr<Ticket> ticket_;
    };

    // For the provider of that name. `queue_limit`: how many may wait.
    [[nodiscard]] Place enter(net::Loop& loop, std::string_view provider, unsigned max,
                              std::size_t queue_limit);

  private:
    struct Gate {
        unsigned active = 0;
        unsigned max = 0;
        std::deque<std::shared_ptr<Place::Ticket>> queue;
    };

    void leave(Place::Ticket& ticket);
    static void admit_next(Gate& gate);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::unique_ptr<Gate>> gates_;  // by provider
};

}  // namespace ccr::proxy
