// SPDX-License-Identifier: MIT
// One event loop on one thread, and the set of them. Everything of a connection (its stream,
// timers, buffers, upstream) lives and dies on one loop, so nothing here is locked; post() and the
// `active` count are the only members another thread may touch.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/ids.hpp"
#include "daemon/net/buffers.hpp"
#include "daemon/net/timer_wheel.hpp"

namespace ccr::net {

namespace asio = boost::asio;
class Waiter;
class Loop;

// What lives on a loop and has to know when the daemon goes down: a client's connection. Counted,
// so that a drain knows when all have left. Loop-local.
class Resident {
  public:
    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;

  protected:
    explicit Resident(Loop& loop);
    virtual ~Resident();
    // Neither call may destroy a resident.
    virtual void on_drain() = 0;      // bring to an end what goes on, begin nothing new
    virtual void on_interrupt() = 0;  // the time for that is up

  private:
    friend class Loop;
    Loop& home_;
    Resident* before_ = nullptr;
    Resident* after_ = nullptr;
};

class Loop {
  public:
    explicit Loop(int index = 0);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    [[nodiscard]] int index() const { return index_; }
    [[nodiscard]] asio::io_context& context() { return context_; }
    [[nodiscard]] TimerWheel& wheel() { return wheel_; }
    [[nodiscard]] BufferPool& buffers() { return buffers_; }
    [[nodiscard]] IdSource& ids() { return ids_; }
    // The Date header's value, formatted once a second.
    [[nodiscard]] std::string_view http_date();

    // From any thread: runs `task` on the loop, never inside this call.
    template <typename Task>
    void post(Task&& task) {
        asio::post(context_, std::forward<Task>(task));
    }

    // Serves the loop on the calling thread until shutdown() has been called and all is unwound.
    void run();
    // On the loop's thread (see LoopPool::stop): every wait, now and later, ends as cancelled, so
    // that all coroutines unwind and run() returns.
    void shutdown();
    [[nodiscard]] bool stopping() const { return stopping_; }
    // On the loop's thread: tells all residents, now and those to come, to leave. `left` runs on
    // this thread whenever one has.
    void drain(std::function<void()> left);
    [[nodiscard]] bool draining() const { return draining_; }
    // On the loop's thread: what residents are still doing is to end, with a word to the client.
    void interrupt();
    [[nodiscard]] bool interrupted() const { return interrupted_; }
    // From any thread.
    [[nodiscard]] std::size_t residents() const {
        return resident_count_.load(std::memory_order_relaxed);
    }
    // For spawn(): run() returns after shutdown() once all that began have ended.
    void coroutine_began() { coroutines_.fetch_add(1, std::memory_order_relaxed); }
    void coroutine_ended(std::size_t ended);

    // Requests in progress plus connections that have not sent their first request yet; what
    // placement looks at.
    std::atomic<std::size_t> active{0};

  private:
    friend class Waiter;
    friend class Resident;

    int index_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
    BufferPool buffers_;
    TimerWheel wheel_;
    IdSource ids_;
    Waiter* waiting_ = nullptr;      // intrusive list of all suspended waiters
    Resident* residents_ = nullptr;  // intrusive list
    std::function<void()> left_;
    std::atomic<std::size_t> coroutines_{0};
    std::atomic<std::size_t> resident_count_{0};
    bool stopping_ = false;
    bool draining_ = false;
    bool interrupted_ = false;
    std::string date_;
    long long date_second_ = -1;
};

// Counts as one active stream on a loop for as long as it lives.
class ActiveToken {
  public:
    ActiveToken() = default;
    explicit ActiveToken(Loop& loop) : loop_(&loop) {
        loop.active.fetch_add(1, std::memory_order_relaxed);
    }
    ActiveToken(ActiveToken&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)) {}
    ActiveToken& operator=(ActiveToken&& other) noexcept {
        std::swap(loop_, other.loop_);
        return *this;
    }
    ~ActiveToken() { reset(); }
    void reset() {
        if (loop_) loop_->active.fetch_sub(1, std::memory_order_relaxed);
        loop_ = nullptr;
    }
    explicit operator bool() const { return loop_ != nullptr; }

  private:
    Loop* loop_ = nullptr;
};

class LoopPool {
  public:
    explicit LoopPool(std::size_t count);
    ~LoopPool();  // stop() and join() if still running
    LoopPool(const LoopPool&) = delete;
    LoopPool& operator=(const LoopPool&) = delete;

    void start();
    // Ends every coroutine on every loop (see Loop::shutdown); returns at once.
    void stop();
    void join();

    [[nodiscard]] std::size_t size() const { return loops_.size(); }
    [[nodiscard]] Loop& at(std::size_t index) { return *loops_[index]; }
    // The loop with the fewest active streams; the lowest index among equals, so that a light load
    // stays together and reuses connections.
    [[nodiscard]] Loop& least_loaded();

  private:
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
    bool stopped_ = false;
};

}  // namespace ccr::net
