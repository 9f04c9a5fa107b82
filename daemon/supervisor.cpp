// SPDX-License-Identifier: MIT
#include "daemon/supervisor.hpp"

#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/config/mask.hpp"
#include "common/log.hpp"
#include "daemon/announce.hpp"
#include "daemon/config_changes.hpp"
#include "daemon/systemd.hpp"

namespace ccr {
namespace {

namespace change = control::change;
using Clock = std::chrono::steady_clock;

constexpr Millis save_interval{60'000};
// How often the tiers are looked at while one is in trouble, and a drain's progress is told.
constexpr Millis look_interval{1'000};
// How often the manager is told what has changed, with a watchdog or without.
constexpr Millis status_interval{10'000};
// How long a trouble is news.
constexpr Millis trouble_age{300'000};
// For the last words to the clients, once their time is up …
constexpr Millis interrupt_grace{5'000};
// … and when somebody does not want to wait.
constexpr Millis impatient_grace{500};
// For those on the control channel who wait for the end.
constexpr Millis farewell{1'000};
// Beyond the drain: for the grace, the state, the threads.
constexpr Millis stop_margin{10'000};

std::int64_t wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<Millis>(since).count();
}

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

std::string first_error(const std::vector<config::Problem>& problems) {
    for (const auto& problem : problems) {
        if (problem.severity == config::Severity::error) return config::format(problem);
    }
    return "";
}

std::size_t warnings_in(const std::vector<config::Problem>& problems) {
    return static_cast<std::size_t>(
        std::count_if(problems.begin(), problems.end(), [](const config::Problem& problem) {
            return problem.severity == config::Severity::warning;
        }));
}

// What went wrong lately, as the log said it; empty: nothing.
std::string last_trouble() {
    auto troubles = log::last_troubles();
    if (troubles.empty() || troubles.back().at < wall_now() - trouble_age.count()) return "";
    return std::move(troubles.back().line);
}

std::string shown(json5::Value written) {
    config::mask_secrets(written);
    return json5::to_json(written);
}

}  // namespace

void Supervisor::block_signals() {
    const sigset_t signals = our_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

Supervisor::Supervisor(App& app, config::Loaded loaded, std::string config_file)
    : app_(app),
      config_file_(std::move(config_file)),
      loaded_(std::move(loaded)),
      signals_(signal_descriptor()) {
    // Three chances within the manager's patience.
    if (const auto timeout = systemd::watchdog_timeout()) {
        beat_ = std::max(*timeout / 3, Millis{1});
    }
}

std::string Supervisor::serving() const {
    return "listening on " + app_.url() + ", config " + app_.config().source +
           ", providers: " + std::to_string(app_.config().providers.size());
}

// One line for `systemctl status`.
std::string Supervisor::status() const {
    const std::string left = std::to_string(app_.requests_in_flight());
    if (draining_) return "draining, requests left: " + left;
    std::string out = "listening on " + app_.url() + ", tiers up: " + std::to_string(tiers_.up()) +
                      " of " + std::to_string(tiers_.count()) + ", streams: " + left;
    std::uint64_t served = 0;
    std::uint64_t failed = 0;
    for (const auto& target : app_.totals().targets) {
        served += target.row[stats::field::requests];
        failed += target.row[stats::field::failed];
    }
    out += ", requests: " + std::to_string(served) +
           ", failed attempts: " + std::to_string(failed) + ", config " + app_.config().source;
    if (!trouble_.empty()) return out + "; reload failed: " + trouble_;
    const std::string trouble = last_trouble();
    if (!trouble.empty()) out += "; last trouble: " + trouble;
    return out;
}

void Supervisor::tell_status(SteadyTime now) {
    std::string text = status();
    if (draining_) {
        const Millis left = std::chrono::ceil<Millis>(drain_deadline_ - now);
        systemd::notify_draining(text, std::max(left, Millis{0}) + interrupt_grace + stop_margin);
    } else if (text != told_) {
        systemd::notify_status(text);
    }
    told_ = std::move(text);
}

void Supervisor::wait() {
    const std::array<SteadyTime, 6> dues{next_save_,  beat_ ? next_beat_ : next_save_,
                                         next_look_,  interrupted_ ? next_save_ : drain_deadline_,
                                         give_up_at_, next_status_};
    const auto due = *std::min_element(dues.begin(), dues.end());
    const auto left = std::chrono::ceil<Millis>(due - Clock::now()).count();
    std::array<pollfd, 4> sources{{{signals_.get(), POLLIN, 0},
                                   {app_.office().fd(), POLLIN, 0},
                                   {draining_ ? app_.changed_fd() : -1, POLLIN, 0},
                                   {tiers_.troubled() ? -1 : app_.stirred_fd(), POLLIN, 0}}};
    const int limit = static_cast<int>(std::clamp<std::int64_t>(left, 0, save_interval.count()));
    ::poll(sources.data(), sources.size(), limit);
    if (sources[2].revents != 0) empty(app_.changed_fd());
    if (sources[1].revents != 0) app_.office().work(*this);
    // Several failures in a row are one reason to look.
    const auto soon = Clock::now() + look_interval / 10;
    if (sources[3].revents != 0) next_look_ = std::min(next_look_, soon);
}

void Supervisor::take_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            if (!draining_) static_cast<void>(reload());  // it is in the log and the status
        } else {
            stop(ending_);  // a second one wants it at once
        }
    }
}

void Supervisor::housekeeping(SteadyTime now) {
    const bool beat = beat_ && now >= next_beat_;
    if (beat) {
        // A loop that has not come round since the last question is no sign of life.
        if (app_.all_alive()) systemd::notify_alive();
        app_.ask_loops();
        next_beat_ = now + *beat_;
    }
    if (now >= next_save_) {
        app_.save_state();
        // What a burst has left between blocks that live on; the allocator by itself only gives the
        // end of a heap back.
        ::malloc_trim(0);
        next_save_ = now + save_interval;
    }
    const bool look = now >= next_look_;
    if (look) {
        empty(app_.stirred_fd());
        tiers_.look(app_.health(), app_.feed());
        next_look_ = tiers_.troubled() || draining_ ? now + look_interval : SteadyTime::max();
    }
    if (look || beat || now >= next_status_) {
        tell_status(now);
        next_status_ = now + status_interval;
    }
}

config::Loaded Supervisor::load() {
    log::info("reloading " + config_file_);
    auto loaded = config::load_file(config_file_);
    for (const auto& problem : loaded.problems) {
        const bool error = problem.severity == config::Severity::error;
        log::write(error ? log::Level::error : log::Level::warn, config::format(problem));
    }
    return loaded;
}

// Gives what is wrong; empty: the new configuration is in force.
std::string Supervisor::take_over(config::Loaded loaded, control::ReloadResult& result) {
    if (!loaded.ok()) {
        app_.reload_failed();
        return first_error(loaded.problems);
    }
    auto done = app_.reload(loaded.config);
    if (!done) return config_file_ + ": " + done.error().chain();
    result.needs_restart = std::move(*done);
    result.changed = changed_keys(loaded_.resolved, loaded.resolved);
    loaded_ = std::move(loaded);
    return "";
}

control::ReloadResult Supervisor::reload() {
    control::ReloadResult result;
    if (draining_) {
        result.error = "the daemon is draining; start it again to use a new configuration";
        return result;
    }
    systemd::notify_reloading();
    app_.office().change([](control::Facts& facts) { facts.reloading = true; });
    auto loaded = load();
    result.problems = loaded.problems;
    trouble_ = take_over(std::move(loaded), result);
    result.ok = trouble_.empty();
    result.error = trouble_;
    if (result.ok) {
        note_config(warnings_in(result.problems));
        announce(app_.feed(), change::reloaded, log::Level::info, "reloaded; " + serving());
    } else {
        announce(app_.feed(), change::reload_failed, log::Level::error,
                 "reload failed, the old configuration stays: " + trouble_);
    }
    app_.office().change([&result](control::Facts& facts) {
        facts.reloading = false;
        facts.last_reload = {wall_now(), result.ok, result.error, result.changed};
    });
    tiers_.look(app_.health(), app_.feed());
    told_ = status();
    systemd::notify_ready(told_);
    return result;
}

void Supervisor::note_config(std::size_t warnings) {
    app_.office().change([&](control::Facts& facts) {
        facts.config.path = config_file_;
        facts.config.loaded_at = wall_now();
        facts.config.providers = static_cast<std::int64_t>(app_.config().providers.size());
        facts.config.warnings = static_cast<std::int64_t>(warnings);
        facts.config_loaded = Clock::now();
        facts.config_json = shown(loaded_.written);
    });
}

void Supervisor::begin() {
    app_.office().change([this](control::Facts& facts) {
        facts.started_at = wall_now();
        facts.started = Clock::now();
        facts.listeners = app_.listeners();
        facts.set_aside = app_.set_aside();
    });
    note_config(warnings_in(loaded_.problems));
    next_save_ = Clock::now() + save_interval;
    next_beat_ = Clock::now();
    next_status_ = Clock::now() + status_interval;
    app_.start();
    tiers_.look(app_.health(), app_.feed());
    announce(app_.feed(), change::started, log::Level::info, serving());
    told_ = status();
    systemd::notify_ready(told_);
}

void Supervisor::run() {
    begin();
    while (!over()) {
        wait();
        take_signals();
        const auto now = Clock::now();
        advance_drain(now);
        housekeeping(now);
    }
    end();
}

void Supervisor::drain() {
    if (draining_) return;
    const auto now = Clock::now();
    const Millis limit = app_.config().server.drain_timeout;
    draining_ = true;
    drain_deadline_ = now + limit;
    next_look_ = now + look_interval;
    app_.office().change([&](control::Facts& facts) {
        control::Drain drain;
        drain.state = "draining";
        drain.since = wall_now();
        drain.deadline = drain.since + limit.count();
        facts.drain = drain;
        facts.drain_deadline = drain_deadline_;
    });
    const std::string left = std::to_string(app_.requests_in_flight());
    announce(
        app_.feed(), change::draining, log::Level::info,
        (ending_ ? "stopping, requests in flight: " : "draining, requests in flight: ") + left);
    if (!ending_) tell_status(now);
    app_.begin_drain();
}

void Supervisor::stop(bool at_once) {
    if (at_once) impatient_ = true;
    if (ending_) return;
    ending_ = true;
    const Millis limit = app_.config().server.drain_timeout;
    systemd::notify_stopping(
        "draining, requests left: " + std::to_string(app_.requests_in_flight()),
        limit + interrupt_grace + stop_margin);
    drain();
    app_.office().change([](control::Facts& facts) { facts.drain->state = "stopping"; });
}

void Supervisor::advance_drain(SteadyTime now) {
    if (!draining_) return;
    if (app_.drained() && !ending_) {
        app_.office().change([](control::Facts& facts) {
            facts.drain->state = "drained";
            facts.drain->done = true;
        });
        return;
    }
    if (app_.drained()) return;
    if (!interrupted_ && (impatient_ || now >= drain_deadline_)) {
        log::warn(std::string(impatient_ ? "not waiting any longer" : "drain time is up") +
                  ", ending requests: " + std::to_string(app_.requests_in_flight()));
        interrupted_ = true;
        give_up_at_ = now + interrupt_grace;
        app_.interrupt();
    }
    if (interrupted_ && impatient_) give_up_at_ = std::min(give_up_at_, now + impatient_grace);
    if (now >= give_up_at_) given_up_ = true;
}

void Supervisor::end() {
    app_.stop();
    app_.save_state();
    announce(app_.feed(), change::stopped, log::Level::info, "stopped");
    app_.office().change([](control::Facts& facts) {
        facts.drain->state = "stopping";
        facts.drain->done = true;
    });
    app_.end_control();
    const auto until = Clock::now() + farewell;
    while (!app_.control_ended() && Clock::now() < until) {
        pollfd changed{app_.changed_fd(), POLLIN, 0};
        const auto left = std::chrono::ceil<Millis>(until - Clock::now()).count();
        ::poll(&changed, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, farewell.count())));
        empty(app_.changed_fd());
    }
}

}  // namespace ccr
