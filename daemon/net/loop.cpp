// SPDX-License-Identifier: MIT
#include "daemon/net/loop.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "daemon/net/waiter.hpp"

namespace ccr::net {

Loop::Loop(int index) : index_(index), guard_(context_.get_executor()), wheel_(context_) {}

Loop::~Loop() = default;

Resident::Resident(Loop& loop) : home_(loop), after_(loop.residents_) {
    if (after_) after_->before_ = this;
    loop.residents_ = this;
    loop.resident_count_.fetch_add(1, std::memory_order_relaxed);
}

Resident::~Resident() {
    if (before_) {
        before_->after_ = after_;
    } else {
        home_.residents_ = after_;
    }
    if (after_) after_->before_ = before_;
    home_.resident_count_.fetch_sub(1, std::memory_order_relaxed);
    if (home_.left_) home_.left_();
}

void Loop::drain(std::function<void()> left) {
    draining_ = true;
    left_ = std::move(left);
    for (Resident* resident = residents_; resident; resident = resident->after_)
        resident->on_drain();
}

void Loop::interrupt() {
    interrupted_ = true;
    for (Resident* resident = residents_; resident; resident = resident->after_)
        resident->on_interrupt();
}

void Loop::run() {
    context_.run();
}

void Loop::shutdown() {
    stopping_ = true;
    wheel_.stop();
    while (waiting_)
        waiting_->wake(Wake::cancelled);
    coroutine_ended(0);
}

void Loop::coroutine_ended(std::size_t ended) {
    const auto before = coroutines_.fetch_sub(ended, std::memory_order_relaxed);
    if (stopping_ && before == ended) context_.stop();
}

std::string_view Loop::http_date() {
    const std::time_t now = std::time(nullptr);
    if (now == date_second_) return date_;
    date_second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text.data(), size);
    return date_;
}

LoopPool::LoopPool(std::size_t count) {
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        loops_.push_back(std::make_unique<Loop>(static_cast<int>(i)));
    }
}

LoopPool::~LoopPool() {
    stop();
    join();
}

void LoopPool::start() {
    for (auto& loop : loops_) {
        threads_.emplace_back([&loop = *loop] { loop.run(); });
        // For who looks at the process: top -H, a debugger.
        pthread_setname_np(threads_.back().native_handle(), "ccr-loop");
    }
}

void LoopPool::stop() {
    if (stopped_) return;
    stopped_ = true;
    for (auto& loop : loops_)
        loop->post([&loop = *loop] { loop.shutdown(); });
}

void LoopPool::join() {
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

Loop& LoopPool::least_loaded() {
    const auto load = [](const auto& loop) { return loop->active.load(std::memory_order_relaxed); };
    const auto best =
        std::min_element(loops_.begin(), loops_.end(),
                         [&load](const auto& a, const auto& b) { return load(a) < load(b); });
    return **best;
}

}  // namespace ccr::net
