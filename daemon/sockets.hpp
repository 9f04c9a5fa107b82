// SPDX-License-Identifier: MIT
// What the daemon listens on: sockets handed over by the service manager, by their names, else ones
// of its own.
#pragma once

#include <string>
#include <vector>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "daemon/net/fd.hpp"
#include "daemon/systemd.hpp"

namespace ccr {

// The file of a Unix socket that was bound here; goes with its owner unless somebody else's has
// taken its place.
class SocketFile {
  public:
    SocketFile() = default;
    explicit SocketFile(std::string path);
    SocketFile(SocketFile&& other) noexcept;
    SocketFile& operator=(SocketFile&& other) noexcept;
    ~SocketFile();

  private:
    std::string path_;  // empty: none
    unsigned long device_ = 0;
    unsigned long node_ = 0;
};

struct ControlSocket {
    net::Fd fd;        // none: there is no control channel
    std::string path;  // of the socket
    bool inherited = false;
    SocketFile file;
};

struct Sockets {
    std::vector<net::Fd> http;
    bool http_inherited = false;
    ControlSocket control;
};

// `control`: where to bind the control socket if none is handed over; control::no_socket or empty:
// nowhere. `required`: failing to is an error; else it is logged, and there is none. Another daemon
// that answers there is always an error, ErrorKind::unavailable. Sockets with unknown names are
// logged and closed.
[[nodiscard]] Result<Sockets> open_sockets(const config::Server& server, const std::string& control,
                                           bool required,
                                           std::vector<systemd::InheritedSocket> inherited);

}  // namespace ccr
