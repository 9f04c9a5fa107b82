// SPDX-License-Identifier: MIT
#include "daemon/net/listen.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>

#include "common/log.hpp"
#include "daemon/net/connect.hpp"
#include "daemon/net/resolve.hpp"

namespace ccr::net {
namespace {

constexpr int backlog = 4096;  // the kernel caps it at net.core.somaxconn
constexpr Millis pause_after_failure{100};
constexpr int accepts_per_turn = 64;  // lets the loop's other work in between

Error bind_error(const std::string& where, int code) {
    std::string text = "cannot listen on " + where + ": " + std::strerror(code);
    if (code == EADDRINUSE) {
        text +=
            " (is another ccrd running? `ccr status` tells; else set another PORT, or see who "
            "has it: ss -ltnp)";
    }
    if (code == EACCES) text += " (ports below 1024 need privileges)";
    if (code == EADDRNOTAVAIL) text += " (no network interface has this address)";
    return {ErrorKind::io, std::move(text)};
}

// Concerns only the connection that was about to be accepted.
bool connection_lost(int code) {
    return code == ECONNABORTED || code == EINTR || code == EPROTO || code == EPERM;
}

const sockaddr* as_address(const sockaddr_un& address) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

// True if nobody answers on the socket file: left over from a process that is gone.
bool is_stale(const sockaddr_un& address) {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(probe.get(), as_address(address), sizeof address) != 0 &&
           errno == ECONNREFUSED;
}

}  // namespace

Result<Fd> bind_tcp(std::string_view host, std::uint16_t port) {
    const bool any = host.empty() || host == "*";
    std::string_view ip = host == "localhost" ? "127.0.0.1" : host;
    if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']') ip = ip.substr(1, ip.size() - 2);
    auto where = Endpoint::parse(any ? "::" : ip, port);
    if (!where) {
        return Error{ErrorKind::io, "cannot listen on \"" + std::string(host) +
                                        "\": give an IP address or localhost"};
    }
    Fd fd(::socket(where->address()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd && any) {  // no IPv6 here
        where = Endpoint::parse("0.0.0.0", port);
        fd = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    }
    if (!fd) return bind_error(where->text(), errno);
    const int on = 1;
    const int off = 0;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (where->is_v6()) {
        ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, any ? &off : &on, sizeof on);
    }
    if (::bind(fd.get(), where->address(), where->size()) != 0) {
        return bind_error(where->text(), errno);
    }
    if (::listen(fd.get(), backlog) != 0) return bind_error(where->text(), errno);
    return fd;
}

Result<Fd> bind_unix(const std::string& path, unsigned mode) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return Error{ErrorKind::io, "socket path is empty or too long: " + path};
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return bind_error(path, errno);
    // The descriptor's mode becomes the file's: there is no moment of wider access.
    ::fchmod(fd.get(), mode);
    int failed = ::bind(fd.get(), as_address(address), sizeof address);
    if (failed != 0 && errno == EADDRINUSE && is_stale(address)) {
        ::unlink(path.c_str());
        failed = ::bind(fd.get(), as_address(address), sizeof address);
    }
    if (failed != 0) return bind_error(path, errno);
    if (::chmod(path.c_str(), mode) != 0) return bind_error(path, errno);
    if (::listen(fd.get(), backlog) != 0) return bind_error(path, errno);
    return fd;
}

std::uint16_t bound_port(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const address = static_cast<sockaddr*>(static_cast<void*>(&storage));
    if (::getsockname(fd, address, &size) != 0) return 0;
    if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return 0;
    return Endpoint(address, size).port();
}

std::string bound_address(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const address = static_cast<sockaddr*>(static_cast<void*>(&storage));
    if (::getsockname(fd, address, &size) != 0) return {};
    if (storage.ss_family == AF_UNIX) {
        sockaddr_un local{};
        std::memcpy(&local, &storage, sizeof local);
        return local.sun_path;
    }
    if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return {};
    return Endpoint(address, size).text();
}

struct Listener::State : std::enable_shared_from_this<State> {
    State(LoopPool& all, Fd listening, OnAccept callback)
        : loops(all),
          home(all.at(0)),
          descriptor(home.context(), listening.release()),
          pause(home.context()),
          on_accept(std::move(callback)) {}

    void wait();
    void accept_some();
    // Those whose connections the kernel has taken already are not to be turned away.
    void accept_last();
    void hand_over(Fd fd);
    void back_off(int code);

    LoopPool& loops;
    Loop& home;
    asio::posix::stream_descriptor descriptor;
    asio::steady_timer pause;
    OnAccept on_accept;
    bool warned = false;
};

void Listener::State::wait() {
    descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                              if (!error && self->descriptor.is_open()) self->accept_some();
                          });
}

void Listener::State::accept_some() {
    for (int i = 0; i < accepts_per_turn; ++i) {
        Fd fd(
            ::accept4(descriptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd) {
            warned = false;
            hand_over(std::move(fd));
            continue;
        }
        if (errno == EAGAIN) break;
        if (!connection_lost(errno)) return back_off(errno);
    }
    wait();
}

void Listener::State::accept_last() {
    for (int i = 0; i < backlog && descriptor.is_open(); ++i) {
        Fd fd(
            ::accept4(descriptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd) {
            hand_over(std::move(fd));
        } else if (!connection_lost(errno)) {
            return;
        }
    }
}

// Without the pause a full descriptor table would turn the listener into a busy loop.
void Listener::State::back_off(int code) {
    if (!warned) log::warn(std::string("cannot accept connections: ") + std::strerror(code));
    warned = true;
    pause.expires_after(pause_after_failure);
    pause.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && self->descriptor.is_open()) self->accept_some();
    });
}

void Listener::State::hand_over(Fd fd) {
    set_no_delay(fd.get());
    Loop& loop = loops.least_loaded();
    ActiveToken token(loop);
    auto task = [self = shared_from_this(), &loop, fd = std::move(fd),
                 token = std::move(token)]() mutable {
        StreamParts parts;
        parts.fd = std::move(fd);
        self->on_accept(loop, make_stream(loop, std::move(parts)), std::move(token));
    };
    if (&loop == &home) {
        task();
    } else {
        loop.post(std::move(task));
    }
}

Listener::Listener(LoopPool& loops, Fd fd, OnAccept on_accept)
    : port_(bound_port(fd.get())), address_(bound_address(fd.get())) {
    state_ = std::make_shared<State>(loops, std::move(fd), std::move(on_accept));
}

Listener::~Listener() {
    close();
}

void Listener::start() {
    state_->home.post([state = state_] { state->wait(); });
}

void Listener::close() {
    state_->home.post([state = state_] {
        state->accept_last();
        boost::system::error_code ignored;  // closed is closed
        state->descriptor.close(ignored);
        state->pause.cancel();
    });
}

}  // namespace ccr::net
