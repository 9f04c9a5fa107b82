// SPDX-License-Identifier: MIT
#include "daemon/net/connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

namespace ccr::net {
namespace {

constexpr Millis next_attempt_after{250};

// The attempts of one connect_any(). Shared with the reactor's completions, which may come after
// the coroutine has moved on.
struct Race {
    struct Attempt {
        Attempt(Loop& loop, int fd) : socket(loop.context(), fd) {}
        asio::posix::stream_descriptor socket;
    };
    std::vector<std::unique_ptr<Attempt>> running;
    Waiter event;
    std::optional<Fd> winner;
    std::string last_failure;
    bool over = false;
};

void note_failure(Race& race, const Endpoint& where, int code) {
    race.last_failure = "cannot connect to " + where.text() + ": " + std::strerror(code);
}

void finish(Race& race, Race::Attempt* attempt, const Endpoint& where) {
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(attempt->socket.native_handle(), SOL_SOCKET, SO_ERROR, &code, &size);
    if (code == 0) {
        race.winner = Fd(attempt->socket.release());
    } else {
        note_failure(race, where, code);
    }
    std::erase_if(race.running, [attempt](const auto& item) { return item.get() == attempt; });
    race.event.wake();
}

// Starts one attempt; false if it failed (or won) on the spot.
bool begin(Loop& loop, const std::shared_ptr<Race>& race, const Endpoint& where) {
    const int family = where.address()->sa_family;
    Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
        note_failure(*race, where, errno);
        return false;
    }
    set_no_delay(fd.get());
    set_keep_alive(fd.get());
    if (::connect(fd.get(), where.address(), where.size()) == 0) {
        race->winner = std::move(fd);
        return false;
    }
    if (errno != EINPROGRESS) {
        note_failure(*race, where, errno);
        return false;
    }
    auto attempt = std::make_unique<Race::Attempt>(loop, fd.release());
    auto* const raw = attempt.get();
    race->running.push_back(std::move(attempt));
    raw->socket.async_wait(asio::posix::descriptor_base::wait_write,
                           [race, raw, where](const boost::system::error_code& error) {
                               if (!race->over && !error) finish(*race, raw, where);
                           });
    return true;
}

}  // namespace

void set_no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_keep_alive(int fd) {
    const int on = 1;
    const int idle_s = 60;
    const int interval_s = 15;
    const int probes = 4;
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

std::vector<Endpoint> interleave(std::vector<Endpoint> addresses) {
    if (addresses.size() < 3) return addresses;
    const bool first_family = addresses.front().is_v6();
    std::vector<Endpoint> same, other, out;
    for (auto& address : addresses) {
        (address.is_v6() == first_family ? same : other).push_back(address);
    }
    for (std::size_t i = 0; i < std::max(same.size(), other.size()); ++i) {
        if (i < same.size()) out.push_back(same[i]);
        if (i < other.size()) out.push_back(other[i]);
    }
    return out;
}

asio::awaitable<Result<Fd>> connect_any(Loop& loop, std::vector<Endpoint> addresses, Limit limit,
                                        CancelScope* scope) {
    const auto order = interleave(std::move(addresses));
    const auto race = std::make_shared<Race>();
    const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
    Wake wake = Wake::ready;
    for (std::size_t next = 0;;) {
        const bool starts = next < order.size();
        const bool settled = starts && !begin(loop, race, order[next]);
        if (starts) ++next;
        if (race->winner) break;
        if (settled) continue;
        if (race->running.empty() && next == order.size()) break;
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
        const bool more = next < order.size();
        const Millis step = more ? std::min(left, next_attempt_after) : left;
        wake = left <= Millis{0} ? Wake::timeout : Wake::ready;
        if (wake == Wake::timeout) break;
        wake = co_await race->event.wait(loop, step, scope);
        if (race->winner || wake == Wake::cancelled) break;
        if (wake == Wake::timeout && step == left) break;
    }
    race->over = true;
    race->running.clear();
    if (race->winner) co_return std::move(*race->winner);
    if (wake == Wake::cancelled) co_return Error{ErrorKind::cancelled, "connecting was cancelled"};
    if (wake == Wake::timeout) {
        co_return Error{ErrorKind::timeout,
                        "no connection to " + order.front().text() + " in time"};
    }
    co_return Error{ErrorKind::connect, race->last_failure};
}

}  // namespace ccr::net
