// SPDX-License-Identifier: MIT
// The service manager's side of life: sockets handed over by it, and telling it how we are. Without
// systemd all of it does nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/net/fd.hpp"

namespace ccr::systemd {

struct InheritedSocket {
    std::string name;  // FileDescriptorName= of the socket unit
    net::Fd fd;
};

// Takes the sockets over; a second call finds none.
[[nodiscard]] std::vector<InheritedSocket> inherited_sockets();

void notify_ready(std::string_view status);
void notify_status(std::string_view status);
void notify_stopping(std::string_view status);

}  // namespace ccr::systemd
