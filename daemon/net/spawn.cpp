// SPDX-License-Identifier: MIT
#include "daemon/net/spawn.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <exception>
#include <string>

#include "common/log.hpp"

namespace ccr::net {
namespace {

std::atomic<std::uint64_t>& escaped() {
    static std::atomic<std::uint64_t> count{0};  // one per process by its meaning
    return count;
}

std::string what(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

void report(std::string_view name, const std::exception_ptr& failure) {
    escaped().fetch_add(1, std::memory_order_relaxed);
    log::error("defect: coroutine " + std::string(name) + " ended by " + what(failure));
#ifndef NDEBUG
    std::abort();
#endif
}

}  // namespace

void spawn(Loop& loop, std::string_view name, asio::awaitable<void> task) {
    loop.coroutine_began();
    asio::co_spawn(loop.context(), std::move(task),
                   [&loop, name](const std::exception_ptr& failure) {
                       if (failure) report(name, failure);
                       loop.coroutine_ended(1);
                   });
}

std::uint64_t escaped_exceptions() {
    return escaped().load(std::memory_order_relaxed);
}

}  // namespace ccr::net
