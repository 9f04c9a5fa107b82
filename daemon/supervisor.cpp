// SPDX-License-Identifier: MIT
#include "daemon/supervisor.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "common/config/load.hpp"
#include "common/log.hpp"
#include "daemon/systemd.hpp"

namespace ccr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Millis save_interval{60'000};
// For the last words to the clients, once their time is up …
constexpr Millis interrupt_grace{5'000};
// … and when somebody does not want to wait.
constexpr Millis impatient_grace{500};
// Beyond the drain: for the grace, the state, the threads.
constexpr Millis stop_margin{10'000};

sigset_t our_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

net::Fd signal_descriptor() {
    const sigset_t signals = our_signals();
    return net::Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void empty(int event_fd) {
    std::uint64_t count = 0;
    static_cast<void>(::read(event_fd, &count, sizeof count));  // empty already is as good
}

std::string first_error(const config::Loaded& loaded) {
    for (const auto& problem : loaded.problems) {
        if (problem.severity == config::Severity::error) return config::format(problem);
    }
    return "";
}

}  // namespace

void Supervisor::block_signals() {
    const sigset_t signals = our_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

Supervisor::Supervisor(App& app, std::string config_file)
    : app_(app), config_file_(std::move(config_file)), signals_(signal_descriptor()) {
    // Three chances within the manager's patience.
    if (const auto timeout = systemd::watchdog_timeout()) {
        beat_ = std::max(*timeout / 3, Millis{1});
    }
}

std::string Supervisor::serving() const {
    return "listening on " + app_.url() + ", config " + app_.config().source +
           ", providers: " + std::to_string(app_.config().providers.size());
}

void Supervisor::wait(SteadyTime until) {
    const SteadyTime due = std::min({until, next_save_, beat_ ? next_beat_ : next_save_});
    const auto left = std::chrono::ceil<Millis>(due - Clock::now()).count();
    std::array<pollfd, 2> sources{
        {{signals_.get(), POLLIN, 0}, {draining_ ? app_.changed_fd() : -1, POLLIN, 0}}};
    const int limit = static_cast<int>(std::clamp<std::int64_t>(left, 0, save_interval.count()));
    ::poll(sources.data(), sources.size(), limit);
    if (sources[1].revents != 0) empty(app_.changed_fd());
    housekeeping(Clock::now());
}

std::optional<int> Supervisor::next_signal() {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

void Supervisor::housekeeping(SteadyTime now) {
    if (beat_ && now >= next_beat_) {
        // A loop that has not come round since the last question is no sign of life.
        if (app_.all_alive()) systemd::notify_alive();
        app_.ask_loops();
        next_beat_ = now + *beat_;
    }
    if (now >= next_save_) {
        app_.save_state();
        next_save_ = now + save_interval;
    }
}

void Supervisor::reload() {
    systemd::notify_reloading();
    log::info("reloading " + config_file_);
    const auto loaded = config::load_file(config_file_);
    for (const auto& problem : loaded.problems) {
        const bool error = problem.severity == config::Severity::error;
        log::write(error ? log::Level::error : log::Level::warn, config::format(problem));
    }
    std::string failure;
    if (loaded.ok()) {
        const auto done = app_.reload(loaded.config);
        if (!done) failure = config_file_ + ": " + done.error().chain();
    } else {
        app_.reload_failed();
        failure = first_error(loaded);
    }
    if (!failure.empty()) log::error("reload failed, the old configuration stays: " + failure);
    const std::string status =
        failure.empty() ? serving() : serving() + "; reload failed: " + failure;
    if (failure.empty()) log::info("reloaded; " + status);
    systemd::notify_ready(status);
}

void Supervisor::run() {
    next_save_ = Clock::now() + save_interval;
    next_beat_ = Clock::now();
    app_.start();
    log::info(serving());
    systemd::notify_ready(serving());
    for (;;) {
        wait(SteadyTime::max());
        const auto signal = next_signal();
        if (signal == SIGHUP) reload();
        if (signal && signal != SIGHUP) break;
    }
    drain();
    app_.stop();
    app_.save_state();
    log::info("stopped");
}

bool Supervisor::drain_until(SteadyTime deadline) {
    std::size_t told = app_.requests_in_flight();
    while (!app_.drained() && Clock::now() < deadline) {
        wait(deadline);
        const std::size_t left = app_.requests_in_flight();
        if (left != told) {
            systemd::notify_status("draining, requests left: " + std::to_string(left));
            told = left;
        }
        const auto signal = next_signal();
        if (signal && signal != SIGHUP) return true;
    }
    return false;
}

void Supervisor::drain() {
    const Millis limit = app_.config().server.drain_timeout;
    const std::string left = std::to_string(app_.requests_in_flight());
    log::info("stopping, requests in flight: " + left);
    systemd::notify_stopping("draining, requests left: " + left,
                             limit + interrupt_grace + stop_margin);
    draining_ = true;
    app_.begin_drain();
    const bool impatient = drain_until(Clock::now() + limit);
    if (app_.drained()) return;
    log::warn(std::string(impatient ? "second signal" : "drain time is up") +
              ", ending requests: " + std::to_string(app_.requests_in_flight()));
    app_.interrupt();
    drain_until(Clock::now() + (impatient ? impatient_grace : interrupt_grace));
}

}  // namespace ccr
