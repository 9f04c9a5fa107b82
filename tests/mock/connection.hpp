// SPDX-License-Identifier: MIT
// One accepted socket: reads requests, plays the plans that the Service gives for them. Belongs to
// one loop and is only touched on its thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/mock/journal.hpp"
#include "tests/mock/plan.hpp"

namespace ccr::mock {

class Service;

enum class Want { nothing, close, write_ready, timer };

class Connection {
  public:
    Connection(int fd, std::uint64_t id, Service& service);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Each returns what to do next; Want::timer means at due_us().
    Want on_readable(std::string& scratch, std::int64_t now_us);
    Want on_writable(std::int64_t now_us) { return play(now_us); }
    Want on_timer(std::int64_t now_us) { return play(now_us); }

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] std::int64_t due_us() const { return due_us_; }

    // Loop's bookkeeping.
    bool armed = false;
    std::int64_t armed_us = 0;
    bool polling_write = false;

  private:
    Want take_input(std::string_view fresh, std::int64_t now_us);
    void start(Request request, std::int64_t now_us);
    Want play(std::int64_t now_us);
    Want send_step(const Step& step, std::int64_t now_us);
    Want wait_step(const Step& step, std::int64_t now_us);
    Want end_plan(std::int64_t now_us);
    Want broken_off(std::int64_t now_us);
    void peer_gone(std::int64_t now_us);
    void next_step();

    int fd_;
    std::uint64_t id_;
    Service& service_;
    std::string in_;
    std::size_t need_ = 0;
    PlanPtr plan_;
    std::shared_ptr<Record> record_;
    std::uint32_t step_ = 0;
    std::size_t offset_ = 0;
    std::int64_t due_us_ = 0;
    std::int64_t wait_until_us_ = 0;
    bool keep_alive_ = true;
    bool continue_sent_ = false;
    bool draining_ = false;  // half closed or hanging: waits for the peer's close
};

}  // namespace ccr::mock
