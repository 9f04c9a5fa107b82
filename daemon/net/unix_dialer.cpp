// SPDX-License-Identifier: MIT
#include "daemon/net/unix_dialer.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace ccr::net {
namespace {

Result<std::unique_ptr<Stream>> connect_to(Loop& loop, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return Error(ErrorKind::io, path + " is no path of a Unix socket");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    StreamParts parts;
    parts.fd = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!parts.fd) return Error(ErrorKind::io, std::string("socket: ") + std::strerror(errno));
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(parts.fd.get(), to, sizeof address) != 0) {
        return Error(ErrorKind::connect, path + ": " + std::strerror(errno));
    }
    return make_stream(loop, std::move(parts));
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Stream>>> UnixDialer::dial(Loop& loop, const Origin&, Limit,
                                                                  CancelScope&) {
    co_return connect_to(loop, path_);
}

}  // namespace ccr::net
