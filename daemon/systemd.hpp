// SPDX-License-Identifier: MIT
// The service manager's side of life: sockets handed over by it, and telling it how we are. Without
// systemd all of it does nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"
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
// While it drains: how things stand, and how long the end may take from now on.
void notify_draining(std::string_view status, Millis more);
// Followed by notify_ready() when the reload is over, well or not.
void notify_reloading();
// `more`: how long the stop may take from now on, so that the manager waits for it.
void notify_stopping(std::string_view status, Millis more);

// How often the manager wants to hear from us before it takes us for dead; nothing: not at all.
[[nodiscard]] std::optional<Millis> watchdog_timeout();
void notify_alive();

}  // namespace ccr::systemd
