// SPDX-License-Identifier: MIT
#include "daemon/sockets.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "common/control/channel.hpp"
#include "common/log.hpp"
#include "daemon/net/listen.hpp"

namespace ccr {
namespace {

constexpr std::string_view http_name = "http";
constexpr std::string_view control_name = "control";

// A socket unit without FileDescriptorName= passes its own name.
bool named(const systemd::InheritedSocket& socket, std::string_view name, std::string_view unit) {
    return socket.name == name || socket.name == unit;
}

// Who answers on the socket file: its process, 0 if it does not say, -1 if nobody does.
pid_t listener_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return -1;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const net::Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* const where = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    // A full queue of connections has a listener as well.
    if (::connect(probe.get(), where, sizeof address) != 0) return errno == EAGAIN ? 0 : -1;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return 0;
    return peer.pid;
}

Error running_already(const std::string& path, pid_t pid) {
    const std::string who = pid > 0 ? " (pid " + std::to_string(pid) + ")" : "";
    return {ErrorKind::unavailable, "another ccrd is running" + who + ", its control socket is " +
                                        path +
                                        "; stop it with `ccr stop`, or give this one a socket of "
                                        "its own with --control PATH"};
}

// Two daemons that start at once must not both find the place free.
Result<ControlSocket> bind_control(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    std::error_code failed;
    const bool made = std::filesystem::create_directories(folder, failed);
    // The system's folder is everybody's to enter, a user's own is not; the socket has its own
    // mode.
    if (made && path != control::system_socket) ::chmod(folder.c_str(), 0700);
    const net::Fd lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock) {
        return Error(ErrorKind::io, "cannot listen on " + path + ": " + folder.string() + ": " +
                                        std::strerror(errno));
    }
    ::flock(lock.get(), LOCK_EX);
    if (const pid_t pid = listener_at(path); pid >= 0) return running_already(path, pid);
    auto bound = net::bind_unix(path);
    if (!bound) return std::move(bound).error();
    ControlSocket out;
    out.fd = std::move(*bound);
    out.path = path;
    out.file = SocketFile(path);
    return out;
}

Result<ControlSocket> control_socket(const std::string& path, bool required) {
    if (path.empty() || path == control::no_socket) return ControlSocket();
    auto bound = bind_control(path);
    if (bound || required || bound.error().kind == ErrorKind::unavailable) return bound;
    log::warn("no control channel, `ccr` cannot reach this daemon: " + bound.error().chain());
    return ControlSocket();
}

}  // namespace

SocketFile::SocketFile(std::string path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return;
    path_ = std::move(path);
    device_ = info.st_dev;
    node_ = info.st_ino;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), node_(other.node_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(node_, other.node_);
    return *this;
}

SocketFile::~SocketFile() {
    struct stat info {};
    if (path_.empty() || ::stat(path_.c_str(), &info) != 0) return;
    if (info.st_dev == device_ && info.st_ino == node_) ::unlink(path_.c_str());
}

Result<Sockets> open_sockets(const config::Server& server, const std::string& control,
                             bool required, std::vector<systemd::InheritedSocket> inherited) {
    Sockets out;
    for (auto& socket : inherited) {
        if (named(socket, http_name, "ccrd.socket")) {
            out.http.push_back(std::move(socket.fd));
        } else if (named(socket, control_name, "ccrd-control.socket") && !out.control.fd) {
            out.control.path = net::bound_address(socket.fd.get());
            out.control.fd = std::move(socket.fd);
            out.control.inherited = true;
        } else {
            log::warn("a socket named \"" + socket.name +
                      "\" was handed over and is not used; http and control are the names");
        }
    }
    out.http_inherited = !out.http.empty();
    // First, because it tells another daemon from another program.
    if (!out.control.fd) {
        auto bound = control_socket(control, required);
        if (!bound) return std::move(bound).error();
        out.control = std::move(*bound);
    }
    if (out.http.empty()) {
        auto bound = net::bind_tcp(server.host, server.port);
        if (!bound) return std::move(bound).error();
        out.http.push_back(std::move(*bound));
    }
    return out;
}

}  // namespace ccr
