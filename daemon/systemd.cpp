// SPDX-License-Identifier: MIT
#include "daemon/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace ccr::systemd {
namespace {

void notify(std::string_view state, std::string_view status) {
    std::string message(state);
    message += "\nSTATUS=";
    message += status;
    sd_notify(0, message.c_str());
}

}  // namespace

std::vector<InheritedSocket> inherited_sockets() {
    std::vector<InheritedSocket> sockets;
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        std::string name = names != nullptr && names[i] != nullptr ? names[i] : "";
        sockets.push_back({std::move(name), net::Fd(SD_LISTEN_FDS_START + i)});
        if (names != nullptr) std::free(names[i]);
    }
    std::free(names);
    return sockets;
}

void notify_ready(std::string_view status) {
    notify("READY=1", status);
}
void notify_status(std::string_view status) {
    notify("", status);
}
void notify_stopping(std::string_view status) {
    notify("STOPPING=1", status);
}

}  // namespace ccr::systemd
