// SPDX-License-Identifier: MIT
#include "daemon/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace ccr::systemd {
namespace {

// A line break would begin another assignment.
void notify(std::string_view state, std::string_view status) {
    std::string message(state);
    message += message.empty() ? "STATUS=" : "\nSTATUS=";
    for (const char c : status)
        message += c == '\n' ? ' ' : c;
    sd_notify(0, message.c_str());
}

std::string extension(Millis more) {
    const auto usec = std::chrono::microseconds(more).count();
    return "EXTEND_TIMEOUT_USEC=" + std::to_string(usec);
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

void notify_reloading() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto usec = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
    notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec), "reloading the configuration");
}

void notify_draining(std::string_view status, Millis more) {
    notify(extension(more), status);
}

void notify_stopping(std::string_view status, Millis more) {
    notify("STOPPING=1\n" + extension(more), status);
}

std::optional<Millis> watchdog_timeout() {
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return std::chrono::duration_cast<Millis>(std::chrono::microseconds(usec));
}

void notify_alive() {
    sd_notify(0, "WATCHDOG=1");
}

}  // namespace ccr::systemd
