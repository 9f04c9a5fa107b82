// SPDX-License-Identifier: MIT
#include "tests/testing/raw_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include "daemon/net/listen.hpp"
#include "daemon/net/resolve.hpp"

namespace ccr::testing {

RawServer::RawServer(std::function<void(int)> serve) : serve_(std::move(serve)) {
    listener_ = std::move(*net::bind_tcp("127.0.0.1", 0));
    port_ = net::bound_port(listener_.get());
    ::fcntl(listener_.get(), F_SETFL, 0);  // blocking
    acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int fd : open_)
            ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& connection : connections_)
        connection.join();
}

std::size_t RawServer::accepted() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
}

void RawServer::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const std::lock_guard lock(mutex_);
        open_.push_back(fd);
        connections_.emplace_back([this, fd] {
            const net::Fd owned(fd);
            serve_(fd);
            const std::lock_guard inner(mutex_);
            std::erase(open_, fd);
        });
    }
}

bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string read_until(int fd, std::string_view mark) {
    std::string out;
    char byte = 0;
    while (!out.ends_with(mark) && ::recv(fd, &byte, 1, 0) == 1)
        out += byte;
    return out;
}

bool read_to_end(int fd, std::string& out) {
    char piece[4096];
    for (;;) {
        const ssize_t got = ::recv(fd, piece, sizeof piece, 0);
        if (got <= 0) return got == 0;
        out.append(piece, static_cast<std::size_t>(got));
    }
}

net::Fd connect_to(std::uint16_t port) {
    const auto where = *net::Endpoint::parse("127.0.0.1", port);
    net::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), where.address(), where.size()) != 0) fd.reset();
    return fd;
}

}  // namespace ccr::testing
