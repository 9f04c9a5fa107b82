// SPDX-License-Identifier: MIT
// One epoll loop on one thread, with one ordered set as timers: thousands of paced streams cost one
// write and one set operation per event.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/mock/connection.hpp"

namespace ccr::mock {

class Service;

class Loop {
  public:
    explicit Loop(Service& service);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Accepts here and hands the sockets round to `loops` (which includes this one).
    void listen_on(int fd, std::vector<Loop*> loops);
    // From any thread. The connection is this loop's from then on.
    void adopt(int fd);
    [[noreturn]] void run();

  private:
    void accept_all();
    void on_event(Connection* connection, std::uint32_t events, std::int64_t now_us);
    void on_timers(std::int64_t now_us);
    void apply(Connection* connection, Want want);
    void arm(Connection* connection);
    void disarm(Connection* connection);
    void poll_write(Connection* connection, bool on);
    [[nodiscard]] int timeout_ms(std::int64_t now_us) const;

    Service& service_;
    int epoll_;
    int listener_ = -1;
    std::vector<Loop*> targets_;
    std::size_t next_target_ = 0;
    std::set<std::pair<std::int64_t, Connection*>> timers_;
    std::string scratch_;
};

}  // namespace ccr::mock
