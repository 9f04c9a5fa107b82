// SPDX-License-Identifier: MIT
#include "daemon/proxy/event_feed.hpp"

#include <algorithm>
#include <chrono>

namespace ccr::proxy {
namespace {

std::int64_t wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<Millis>(since).count();
}

}  // namespace

bool EventFeed::Box::put(const Line& line) {
    const std::lock_guard lock(mutex_);
    if (lines_.size() >= max_waiting) {
        ++missed_;
    } else {
        lines_.push_back(line);
    }
    return !std::exchange(told_, true);
}

asio::awaitable<std::vector<EventFeed::Line>> EventFeed::Box::take(net::Limit limit,
                                                                   net::CancelScope* scope) {
    co_await waiter_.wait(loop_, limit, scope);
    std::vector<Line> out;
    const std::lock_guard lock(mutex_);
    told_ = false;
    out.assign(lines_.begin(), lines_.end());
    lines_.clear();
    if (missed_ > 0) {
        control::Event event;
        event.type = "lagged";
        event.at = wall_now();
        event.missed = std::exchange(missed_, 0);
        out.push_back(std::make_shared<const std::string>(control::to_json(event)));
    }
    co_return out;
}

void EventFeed::tell(control::Event event) {
    if (event.at == 0) event.at = wall_now();
    const auto line = std::make_shared<const std::string>(control::to_json(event));
    const std::lock_guard lock(mutex_);
    for (const auto& box : boxes_) {
        if (box->put(line)) box->loop_.post([box] { box->waiter_.wake(); });
    }
}

std::shared_ptr<EventFeed::Box> EventFeed::listen(net::Loop& loop) {
    const std::lock_guard lock(mutex_);
    if (boxes_.size() >= max_listeners) return nullptr;
    auto box = std::make_shared<Box>(loop);
    boxes_.push_back(box);
    listeners_.store(boxes_.size(), std::memory_order_relaxed);
    return box;
}

void EventFeed::leave(const std::shared_ptr<Box>& box) {
    const std::lock_guard lock(mutex_);
    std::erase(boxes_, box);
    listeners_.store(boxes_.size(), std::memory_order_relaxed);
}

}  // namespace ccr::proxy
