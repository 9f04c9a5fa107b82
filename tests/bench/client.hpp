// SPDX-License-Identifier: MIT
// One connection of the load: sends the request, reads the answer, and again if it shall.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/response.hpp"

namespace ccr::bench {

struct Totals {
    std::uint64_t started = 0;    // requests sent
    std::uint64_t finished = 0;   // complete answers
    std::uint64_t errors = 0;     // anything else
    std::uint64_t events = 0;     // SSE frames
    std::uint64_t answering = 0;  // streams that have had their first frame and go on
    std::string first_error;
};

class Client {
  public:
    enum class Next : std::uint8_t { read, write, answered, failed };

    Client(std::string_view request, Totals& totals) : request_(request), totals_(totals) {}
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Non-blocking connect to 127.0.0.1:port; the first on_ready() sends.
    bool connect(std::uint16_t port);
    Next on_ready(std::string& scratch);
    // Sends the request once more on the same connection.
    Next again();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] bool seen_first() const { return seen_first_; }
    [[nodiscard]] bool reusable() const { return response_.keep_alive(); }
    std::int64_t sent_at_us = 0;
    std::uint32_t watching = 0;  // epoll events asked for

  private:
    Next send_rest();
    Next receive(std::string& scratch);
    Next fail(const std::string& why);
    Next ended();

    std::string_view request_;
    Totals& totals_;
    int fd_ = -1;
    std::size_t sent_ = 0;
    std::uint64_t frames_before_ = 0;
    bool seen_first_ = false;
    ResponseReader response_;
};

}  // namespace ccr::bench
