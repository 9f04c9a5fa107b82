// SPDX-License-Identifier: MIT
// Deadlines by the thousand: arming and disarming is a list link, without allocation or syscall.
// A hierarchical wheel of 8 ms ticks; a deadline fires at most one tick late and never early.
// Loop-local: only the owning loop's thread may touch it.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/time.hpp"

namespace ccr::net {

// Base of anything that can have a deadline. Disarms itself on destruction.
class TimerNode {
  public:
    TimerNode() = default;
    TimerNode(const TimerNode&) = delete;
    TimerNode& operator=(const TimerNode&) = delete;

    [[nodiscard]] bool armed() const { return armed_; }
    void disarm();

  protected:
    virtual ~TimerNode() { disarm(); }
    // Called with the node already disarmed; may re-arm, disarm others or destroy the node.
    virtual void on_timer() = 0;

  private:
    friend class WheelCore;
    TimerNode* prev_ = nullptr;
    TimerNode* next_ = nullptr;
    std::uint64_t tick_ = 0;
    class WheelCore* wheel_ = nullptr;
    std::uint8_t level_ = 0;
    std::uint8_t slot_ = 0;
    bool armed_ = false;
};

// The wheel as a pure structure, time passed in.
class WheelCore {
  public:
    static constexpr Millis tick{8};

    explicit WheelCore(SteadyTime start);
    WheelCore(const WheelCore&) = delete;
    WheelCore& operator=(const WheelCore&) = delete;
    ~WheelCore();

    void arm(TimerNode& node, SteadyTime now, Millis after);
    // Fires everything due at `now`.
    void advance(SteadyTime now);
    // When advance() has to be called next; nothing while no node is armed.
    [[nodiscard]] std::optional<SteadyTime> next_wake() const;
    [[nodiscard]] std::size_t armed() const { return armed_; }

  private:
    friend class TimerNode;
    static constexpr std::size_t levels = 3;
    static constexpr std::size_t slots = 64;

    [[nodiscard]] std::uint64_t ticks_at(SteadyTime when) const;
    [[nodiscard]] std::optional<std::uint64_t> next_event() const;
    void insert(TimerNode& node);
    void unlink(TimerNode& node);
    void step(std::uint64_t tick_now);
    void fire_slot(std::size_t slot);
    void cascade(std::size_t level, std::size_t slot);

    SteadyTime start_;
    std::uint64_t current_ = 0;
    std::size_t armed_ = 0;
    std::array<std::uint64_t, levels> occupied_{};
    std::array<std::array<TimerNode*, slots>, levels> wheel_{};
};

class TimerWheel {
  public:
    explicit TimerWheel(boost::asio::io_context& context);

    // (Re-)arms: on_timer() runs on the loop once `after` has passed.
    void arm(TimerNode& node, Millis after);
    [[nodiscard]] std::size_t armed() const { return core_.armed(); }
    void stop();

  private:
    void schedule();

    WheelCore core_;
    boost::asio::steady_timer timer_;
    std::optional<SteadyTime> scheduled_;
    bool stopped_ = false;
};

}  // namespace ccr::net
