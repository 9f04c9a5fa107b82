// SPDX-License-Identifier: MIT
// Drives a coroutine on a loop to its end, on the calling thread.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "daemon/net/loop.hpp"
#include "daemon/net/spawn.hpp"

namespace ccr::testing {

namespace detail {

template <typename T>
boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> task, std::optional<T>& out) {
    T value = co_await std::move(task);
    out.emplace(std::move(value));
}

inline boost::asio::awaitable<void> keep_end(boost::asio::awaitable<void> task, bool& out) {
    co_await std::move(task);
    out = true;
}

template <typename Done>
void turn_until(net::Loop& loop, Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
        if (loop.context().stopped()) loop.context().restart();
        loop.context().run_one_until(limit);
        if (std::chrono::steady_clock::now() > limit) break;
    }
}

}  // namespace detail

// The task's value; a failed expectation and a default value if it takes 20 s.
template <typename T>
T run(net::Loop& loop, boost::asio::awaitable<T> task) {
    std::optional<T> out;
    net::spawn(loop, "test", detail::keep_result(std::move(task), out));
    detail::turn_until(loop, [&out] { return out.has_value(); });
    if (!out) {
        ADD_FAILURE() << "the task did not end";
        std::abort();
    }
    return std::move(*out);
}

inline void run(net::Loop& loop, boost::asio::awaitable<void> task) {
    bool done = false;
    net::spawn(loop, "test", detail::keep_end(std::move(task), done));
    detail::turn_until(loop, [&done] { return done; });
    EXPECT_TRUE(done) << "the task did not end";
    if (!done) std::abort();
}

// Runs what is ready now, without waiting.
inline void settle(net::Loop& loop) {
    if (loop.context().stopped()) loop.context().restart();
    loop.context().poll();
}

// Unwinds whatever is still suspended; for the end of a test.
inline void wind_up(net::Loop& loop) {
    if (loop.context().stopped()) loop.context().restart();
    loop.shutdown();
    loop.context().run_for(std::chrono::seconds(5));
}

}  // namespace ccr::testing
