// SPDX-License-Identifier: MIT
// The load: a number of connections on one epoll loop, either sending one request after the other
// (closed loop, until a count is reached) or holding one stream each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/client.hpp"

namespace ccr::bench {

struct Options {
    std::uint16_t port = 0;
    std::string request;  // complete bytes, head and body
    std::uint64_t connections = 1;
    std::uint64_t count = 0;      // requests in all; 0: one stream per connection
    std::uint64_t spread_ms = 0;  // the connections are opened evenly over so long
};

class Load {
  public:
    explicit Load(Options options);
    ~Load();
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    // Until all is done, or standard input ends. A line on standard input prints the totals.
    void run();

  private:
    void open_more();
    // When the next connection may be opened.
    [[nodiscard]] std::int64_t next_opening_us() const;
    // For epoll_wait.
    [[nodiscard]] int patience_ms() const;
    void on_client(Client* client, std::string& scratch);
    void handle(Client* client, Client::Next next);
    void drop(Client* client);
    void watch(Client* client, std::uint32_t events, bool add);
    bool on_input();
    void report(const char* state);
    [[nodiscard]] bool all_done() const;
    [[nodiscard]] std::uint64_t answers() const;
    void note_latency(const Client& client);
    [[nodiscard]] std::string latencies();

    Options options_;
    int epoll_;
    Totals totals_;
    std::unordered_map<Client*, std::unique_ptr<Client>> clients_;
    std::vector<std::uint32_t>
        latencies_us_;  // to the whole answer; of streams, to the first event
    std::uint64_t opened_ = 0;
    std::uint64_t opening_ = 0;  // streams without a first event; with a count: open connections
    std::int64_t began_us_ = 0;
    bool told_ready_ = false;
};

}  // namespace ccr::bench
