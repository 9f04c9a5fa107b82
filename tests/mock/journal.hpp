// SPDX-License-Identifier: MIT
// What the mock has seen: the last requests and running totals. Shared by the loops.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/mock/http_in.hpp"

namespace ccr::mock {

struct Record {
    std::uint64_t seq = 0;
    std::uint64_t connection_id = 0;
    std::int64_t arrived_us = 0;
    Request request;
    // Written by the connection's loop, read by whoever asks.
    std::atomic<bool> finished{false};
    std::atomic<bool> aborted{false};
    std::atomic<std::int64_t> ended_after_ms{-1};
    std::atomic<std::uint64_t> bytes_sent{0};
};

class Journal {
  public:
    explicit Journal(std::size_t keep) : keep_(keep) {}

    [[nodiscard]] bool keeping() const { return keep_ > 0; }
    std::shared_ptr<Record> add(Request request, std::uint64_t connection_id, std::int64_t now_us);
    void reset();
    // JSON array, oldest first; bodies as JSON, or as strings if `raw` or not JSON.
    [[nodiscard]] std::string requests_json(bool raw) const;
    [[nodiscard]] std::string stats_json() const;

    // Totals since the start or the last reset, except the two gauges.
    std::atomic<std::int64_t> connections_open{0};
    std::atomic<std::int64_t> streams_open{0};
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> finished{0};
    std::atomic<std::uint64_t> aborted{0};
    std::atomic<std::uint64_t> bad_requests{0};

  private:
    std::size_t keep_;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<Record>> records_;
    std::uint64_t next_seq_ = 1;
};

}  // namespace ccr::mock
