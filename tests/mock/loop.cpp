// SPDX-License-Identifier: MIT
#include "tests/mock/loop.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "tests/mock/service.hpp"

namespace ccr::mock {
namespace {

std::int64_t now_micros() {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Loop::Loop(Service& service) : service_(service), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    scratch_.resize(std::size_t{256} * 1024);
}

Loop::~Loop() {
    ::close(epoll_);
}

void Loop::listen_on(int fd, std::vector<Loop*> loops) {
    listener_ = fd;
    targets_ = std::move(loops);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Loop::adopt(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>(fd, service_.next_connection_id(), service_);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.ptr = connection.get();
    // From here on the epoll set owns the connection: on_event deletes it.
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0)
        static_cast<void>(connection.release());
}

void Loop::accept_all() {
    while (true) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            // Out of descriptors: let the others run instead of spinning on the listener.
            if (errno == EMFILE || errno == ENFILE)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            return;
        }
        targets_[next_target_++ % targets_.size()]->adopt(fd);
    }
}

int Loop::timeout_ms(std::int64_t now_us) const {
    if (timers_.empty()) return -1;
    const auto left = timers_.begin()->first - now_us;
    return left <= 0 ? 0 : static_cast<int>(std::min<std::int64_t>((left + 999) / 1000, 60'000));
}

void Loop::run() {
    std::array<epoll_event, 512> events{};
    while (true) {
        const auto limit = static_cast<int>(events.size());
        const int count = ::epoll_wait(epoll_, events.data(), limit, timeout_ms(now_micros()));
        const auto now_us = now_micros();
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.ptr == nullptr)
                accept_all();
            else
                on_event(static_cast<Connection*>(event.data.ptr), event.events, now_us);
        }
        on_timers(now_us);
    }
}

void Loop::on_event(Connection* connection, std::uint32_t events, std::int64_t now_us) {
    if ((events & EPOLLOUT) != 0U) {
        const auto want = connection->on_writable(now_us);
        apply(connection, want);
        if (want == Want::close) return;
    }
    if ((events & ~std::uint32_t{EPOLLOUT}) != 0U) {
        const auto want = connection->on_readable(scratch_, now_us);
        if (want != Want::nothing) apply(connection, want);
    }
}

void Loop::on_timers(std::int64_t now_us) {
    while (!timers_.empty() && timers_.begin()->first <= now_us) {
        auto* connection = timers_.begin()->second;
        disarm(connection);
        apply(connection, connection->on_timer(now_us));
    }
}

void Loop::apply(Connection* connection, Want want) {
    if (want == Want::close) {
        disarm(connection);
        delete connection;
        return;
    }
    poll_write(connection, want == Want::write_ready);
    if (want == Want::timer) arm(connection);
}

void Loop::arm(Connection* connection) {
    disarm(connection);
    connection->armed = true;
    connection->armed_us = connection->due_us();
    timers_.emplace(connection->armed_us, connection);
}

void Loop::disarm(Connection* connection) {
    if (!connection->armed) return;
    timers_.erase({connection->armed_us, connection});
    connection->armed = false;
}

void Loop::poll_write(Connection* connection, bool on) {
    if (connection->polling_write == on) return;
    connection->polling_write = on;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | (on ? std::uint32_t{EPOLLOUT} : 0U);
    event.data.ptr = connection;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection->fd(), &event);
}

}  // namespace ccr::mock
