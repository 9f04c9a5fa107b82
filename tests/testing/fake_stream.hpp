// SPDX-License-Identifier: MIT
// A stream without a socket: reads follow a script, writes are recorded.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/net/stream.hpp"

namespace ccr::testing {

// What both ends share; keep it in the test, the stream may be gone.
struct FakeWire {
    struct Step {
        std::string bytes;
        std::optional<ErrorKind> failure;  // timeout, reset …: what this wait or read ends with
        bool end = false;
    };
    std::deque<Step> script;
    // After the script: the orderly end (false: waits until more is pushed).
    bool ends = true;

    std::string written;
    bool closed = false;
    bool reset = false;
    bool send_shut = false;
    bool alive = true;
    std::size_t write_room = static_cast<std::size_t>(-1);  // accepted before `write_failure`
    ErrorKind write_failure = ErrorKind::reset;
    std::size_t writes = 0;  // gather writes
    std::function<void()> gone;
    std::function<void()> on_write;  // after each write: lets a test answer

    net::Waiter arrival;

    void push(std::string_view bytes) { push_step({std::string(bytes), std::nullopt, false}); }
    void push_failure(ErrorKind kind) { push_step({"", kind, false}); }
    void push_end() { push_step({"", std::nullopt, true}); }
    void push_step(Step step) {
        script.push_back(std::move(step));
        if (arrival.waiting()) arrival.wake();
    }
    // Each byte its own receive.
    void push_bytewise(std::string_view bytes) {
        for (const char byte : bytes)
            push(std::string_view(&byte, 1));
    }
    void peer_leaves() {
        const auto callback = std::exchange(gone, nullptr);
        if (callback) callback();
    }
};

class FakeStream final : public net::Stream {
  public:
    FakeStream(net::Loop& loop, FakeWire& wire) : loop_(loop), wire_(wire) {}
    ~FakeStream() override { wire_.closed = true; }

    Result<std::size_t> try_read(std::span<char> into) override;
    Result<std::size_t> try_write(std::span<const boost::asio::const_buffer> buffers) override;
    boost::asio::awaitable<Result<void>> wait_readable(net::Limit limit) override;
    boost::asio::awaitable<Result<void>> wait_writable(net::Limit limit) override;
    void cancel(ErrorKind why) override;
    void clear_cancel() override { cancelled_.reset(); }
    void close() override { wire_.closed = true; }
    void shutdown_send() override { wire_.send_shut = true; }
    void reset_on_close() override { wire_.reset = true; }
    bool is_alive_idle() override { return wire_.alive && !wire_.closed; }
    void watch_peer(std::function<void()> gone) override { wire_.gone = std::move(gone); }
    void unwatch_peer() override { wire_.gone = nullptr; }
    net::StreamParts detach() override { return {}; }

  private:
    net::Loop& loop_;
    FakeWire& wire_;
    std::optional<ErrorKind> cancelled_;
    bool turn_ = false;  // each script step needs a wait_readable() first, as a socket would
};

}  // namespace ccr::testing
