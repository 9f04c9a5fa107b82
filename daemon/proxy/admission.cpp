// SPDX-License-Identifier: MIT
#include "daemon/proxy/admission.hpp"

#include <algorithm>

namespace ccr::proxy {

struct Gates::Place::Ticket {
    Gate* gate = nullptr;
    net::Loop* loop = nullptr;
    net::Waiter waiter;     // of that loop
    bool admitted = false;  // under the mutex of Gates
};

bool Gates::Place::admitted() const {
    const std::lock_guard lock(gates_->mutex_);
    return ticket_->admitted;
}

net::asio::awaitable<net::Wake> Gates::Place::wait(net::Limit limit, net::CancelScope* scope) {
    co_return co_await ticket_->waiter.wait(*ticket_->loop, limit, scope);
}

void Gates::Place::leave() {
    if (ticket_ == nullptr) return;
    gates_->leave(*ticket_);
    ticket_.reset();
}

Gates::Place Gates::enter(net::Loop& loop, std::string_view provider, unsigned max,
                          std::size_t queue_limit) {
    const std::lock_guard lock(mutex_);
    auto& gate = gates_[std::string(provider)];
    if (!gate) gate = std::make_unique<Gate>();
    gate->max = max;
    admit_next(*gate);  // a reload may have raised the limit
    Place place;
    const bool free = gate->active < max && gate->queue.empty();
    if (!free && gate->queue.size() >= queue_limit) return place;
    place.gates_ = this;
    place.ticket_ = std::make_shared<Place::Ticket>();
    place.ticket_->gate = gate.get();
    place.ticket_->loop = &loop;
    place.ticket_->admitted = free;
    if (free) {
        ++gate->active;
    } else {
        gate->queue.push_back(place.ticket_);
    }
    return place;
}

void Gates::leave(Place::Ticket& ticket) {
    const std::lock_guard lock(mutex_);
    Gate& gate = *ticket.gate;
    if (!ticket.admitted) {
        std::erase_if(gate.queue, [&](const auto& other) { return other.get() == &ticket; });
        return;
    }
    --gate.active;
    admit_next(gate);
}

void Gates::admit_next(Gate& gate) {
    while (!gate.queue.empty() && gate.active < gate.max) {
        const auto next = std::move(gate.queue.front());
        gate.queue.pop_front();
        ++gate.active;
        next->admitted = true;
        next->loop->post([next] { next->waiter.wake(); });
    }
}

}  // namespace ccr::proxy
