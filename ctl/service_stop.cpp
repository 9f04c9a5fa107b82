// SPDX-License-Identifier: MIT
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "ctl/command.hpp"
#include "ctl/interrupt.hpp"
#include "ctl/print.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {
namespace {

constexpr Millis stop_limit{20 * 60'000};  // above the longest drain that units allow
constexpr Millis end_limit{30'000};        // from the last request's end to the process's
constexpr Millis silence_limit{60'000};    // the feed of a drain tells at least how time passes

// The state of a drain on one line that is written over on a terminal, and line by line elsewhere.
class Progress {
  public:
    explicit Progress(bool quiet) : quiet_(quiet) {}

    void show(const control::Drain& drain) {
        if (drain.left != 0) show(progress(drain));
    }
    void show(const std::string& text) {
        if (quiet_ || text == shown_) return;
        shown_ = text;
        const bool over = where_.interactive;
        std::fprintf(stderr, over ? "\r\x1b[Kccr: %s" : "ccr: %s\n", text.c_str());
        open_ = over;
    }
    void finish() {
        if (open_) std::fputc('\n', stderr);
        open_ = false;
    }

  private:
    Terminal where_ = terminal(2);
    std::string shown_;
    bool quiet_;
    bool open_ = false;
};

void end_now(Client& client) {
    const Ask ask{.method = "POST", .target = std::string(control::endpoint::stop) + "?now=1"};
    // That the connection ends instead of an answer is what was asked for.
    if (auto answer = client.exchange(ask); answer && answer->status / 100 != 2)
        complain(Client::refusal(ask, *answer));
}

// Ctrl-C while it drains: the first one explains, the second one ends what is left.
class Impatience {
  public:
    explicit Impatience(Client& client) : client_(client) {}

    void look(Progress& progress) {
        const int now = Interrupts::count();
        if (now == answered_) return;
        answered_ = now;
        progress.finish();
        if (now == 1) {
            remark("requests in flight are being finished; Ctrl-C again ends them");
            return;
        }
        end_now(client_);
    }

  private:
    Client& client_;
    int answered_ = 0;
};

int stop_unit(Found& found, Client& client, bool quiet, bool now) {
    if (!found.state.up()) {
        if (!quiet) out("ccrd is not running\n");
        return exit_ok;
    }
    const Interrupts interrupts;
    Progress progress(quiet);
    Impatience impatience(client);
    int turns = 0;
    if (now) end_now(client);
    const auto idle = [&] {
        impatience.look(progress);
        // Not asked on the control socket: its unit would start the router again for a connect that
        // comes just behind its end.
        if (++turns % 10 == 5) {
            auto state = found.manager.state();
            if (state && state->active == "deactivating" && !state->status.empty())
                progress.show(state->status);
        }
        return true;
    };
    auto result = found.manager.run(Job::stop, service_unit, stop_limit, idle);
    progress.finish();
    if (!result) return complain(result.error());
    if (*result != "done") return complain(exit_failure, "ccrd.service did not stop: " + *result);
    if (quiet) return exit_ok;
    out("ccrd has stopped\n");
    auto socket = found.manager.state("ccrd.socket");
    if (socket && socket->active == "active")
        remark(
            "ccrd.socket still listens, so the next request starts it; systemctl stop "
            "ccrd.socket ccrd-control.socket keeps it down");
    return exit_ok;
}

// A process as something that can be waited for, though it is not our child.
class Process {
  public:
    explicit Process(std::int64_t pid)
        : fd_(pid <= 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        if (fd_ >= 0) ::close(fd_);
    }
    // Whether it ends in time; at once where it cannot be seen from here.
    [[nodiscard]] bool ends_within(Millis limit) const {
        if (fd_ < 0) return true;
        pollfd entry{fd_, POLLIN, 0};
        const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
        for (;;) {
            const auto left = deadline - std::chrono::steady_clock::now();
            const auto ms = std::chrono::duration_cast<Millis>(left).count();
            if (::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(ms, 0))) > 0) return true;
            if (ms <= 0) return false;
        }
    }

  private:
    int fd_;
};

int stop_process(Client& client, bool quiet, bool now) {
    auto status = ask_status(client, std::nullopt);
    if (!status && status.error().kind != ErrorKind::connect) return complain(status.error());
    if (!status) {
        if (!quiet) out("ccrd is not running\n");
        return exit_ok;
    }
    const Process process(status->pid);
    const Interrupts interrupts;
    Progress progress(quiet);
    Impatience impatience(client);
    Ask ask{.method = "POST",
            .target = std::string(control::endpoint::stop) + (now ? "?now=1" : ""),
            .accept = "text/event-stream",
            .limit = silence_limit};
    bool begun = false;
    const auto idle = [&] {
        impatience.look(progress);
        return true;
    };
    const auto told = client.stream(
        ask,
        [&](std::string_view, std::string_view data) {
            begun = true;
            if (auto drain = control::from_json<control::Drain>(data)) progress.show(*drain);
            return true;
        },
        idle);
    progress.finish();
    // The connection ends with the process, whose last event need not have come through.
    if (!told && !(begun && told.error().kind == ErrorKind::eof)) return complain(told.error());
    if (!process.ends_within(end_limit))
        return complain(exit_tempfail, "ccrd (pid " + std::to_string(status->pid) +
                                           ") does not end; ccr logs may tell why");
    if (!quiet) out("ccrd has stopped\n");
    return exit_ok;
}

}  // namespace

std::string progress(const control::Drain& drain) {
    std::string text =
        std::to_string(drain.left) + (drain.left == 1 ? " request" : " requests") + " in flight";
    if (drain.left_seconds > 0)
        text += ", at most " + duration(static_cast<double>(drain.left_seconds)) + " more";
    return text;
}

int stop_service(const Arguments& arguments, bool quiet) {
    Client client(arguments);
    const bool now = arguments.has("now");
    if (auto found = unit_for(arguments)) return stop_unit(*found, client, quiet, now);
    return stop_process(client, quiet, now);
}

}  // namespace ccr::ctl
