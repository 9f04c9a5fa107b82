// SPDX-License-Identifier: MIT
// What can be found out on this machine.
#include <grp.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/paths.hpp"
#include "common/text.hpp"
#include "ctl/client.hpp"
#include "ctl/doctor.hpp"
#include "ctl/print.hpp"
#include "ctl/probe.hpp"
#include "ctl/programs.hpp"

namespace ccr::ctl {
namespace {

using State = Finding::State;

std::string octal(mode_t mode) {
    std::array<char, 8> out{};
    const auto [end, error] = std::to_chars(out.data(), out.data() + out.size(), mode & 07777U, 8);
    return error == std::errc{} ? "0" + std::string(out.data(), end) : "?";
}

void look_at_mode(const std::string& path, Findings& out) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return;
    const std::string mode = octal(info.st_mode);
    if ((info.st_mode & S_IWOTH) != 0) {
        out.push_back({State::fail, "permissions", path + " can be changed by every user",
                       "chmod o-rwx " + path});
    } else if ((info.st_mode & S_IROTH) != 0) {
        out.push_back({State::warn, "permissions", path + " can be read by every user",
                       info.st_uid == 0 ? "chmod 640 " + path : "chmod 600 " + path});
    } else {
        out.push_back({State::ok, "permissions", path + " has mode " + mode, ""});
    }
}

// Of somebody who may not use the system's control socket.
std::string join_group() {
    return ::getgrnam("ccr") == nullptr ? "run this as root"
                                        : "sudo usermod -aG ccr \"$USER\", then log in again";
}

void look_at_port(const Settings& settings, const control::Status* status, Findings& out) {
    std::string url;
    if (status != nullptr) {
        for (const control::Listener& listener : status->listeners)
            if (listener.name == "http") url = listener.address;
    }
    if (url.empty() && settings.ok())
        url = base_url(*settings.config).has_value() ? base_url(*settings.config).value()
                                                     : std::string();
    if (url.empty()) return;
    const Probe found = probe({.url = url + "/health", .headers = {}, .proxy = {}, .ca_file = {}});
    const bool answers = found.reached == Probe::Reached::answer;
    if (status != nullptr && answers && (found.status == 200 || found.status == 503)) {
        out.push_back({State::ok, "port", url + " answers", ""});
    } else if (status != nullptr) {
        out.push_back({State::fail, "port", url + " does not answer: " + found.why,
                       "ccr restart; ccr logs shows why"});
    } else if (answers || found.reached == Probe::Reached::connection) {
        out.push_back(
            {State::warn, "port",
             "something listens on " + url + ", but no router answers on its control socket",
             "ss -ltnp shows what it is; set PORT to another one, or stop it"});
    } else {
        out.push_back({State::ok, "port", url + " is free", ""});
    }
}

}  // namespace

void look_at_config(const Settings& settings, Findings& out) {
    if (!settings.ok() && ::access(settings.path.c_str(), R_OK) != 0) {
        const bool there = ::access(settings.path.c_str(), F_OK) == 0;
        out.push_back({State::fail, "config",
                       settings.path + (there ? " may not be read by you" : " is not there"),
                       there ? join_group()
                             : "write it (man ccr-config has an example), or ccr config migrate"});
        return;
    }
    for (const config::Problem& problem : settings.problems) {
        const bool error = problem.severity == config::Severity::error;
        out.push_back({error ? State::fail : State::warn, "config", harmless(format(problem)),
                       error ? "mend it; ccr check shows all" : ""});
    }
    if (!settings.ok()) return;
    const std::size_t providers = settings.config->providers.size();
    if (providers == 0) {
        out.push_back(
            {State::warn, "config", settings.path + " names no providers", "add one to Providers"});
    } else {
        out.push_back({State::ok, "config",
                       settings.path + " is usable, with " + std::to_string(providers) +
                           (providers == 1 ? " provider" : " providers"),
                       ""});
    }
    look_at_mode(settings.path, out);
}

void look_at_router(const Arguments& arguments, const Settings& settings, Findings& out) {
    Client client(arguments);
    const auto status = client.fetch<control::Status>(
        {.target = std::string(control::endpoint::status), .limit = Millis(3000)});
    if (status) {
        out.push_back({State::ok, "router",
                       "ccrd " + harmless(status->version) + " runs as process " +
                           std::to_string(status->pid) + ", " + harmless(status->state),
                       ""});
        out.push_back({State::ok, "control", client.used() + " answers", ""});
    } else if (status.error().kind == ErrorKind::connect) {
        out.push_back({State::warn, "router", "the router is not running", "ccr start"});
    } else {
        const bool group = status.error().kind == ErrorKind::forbidden;
        out.push_back({State::fail, "control", harmless(status.error().chain()),
                       group ? join_group() : "ccr restart"});
    }
    look_at_port(settings, status ? &*status : nullptr, out);
}

void look_at_clock(Findings& out) {
    timex state{};
    const int result = ::adjtimex(&state);
    if (result < 0) return;
    if (result == TIME_ERROR || (static_cast<unsigned>(state.status) & STA_UNSYNC) != 0) {
        out.push_back({State::warn, "clock", "the clock is not synchronised",
                       "enable systemd-timesyncd or chrony"});
    } else {
        out.push_back({State::ok, "clock", "the clock is synchronised", ""});
    }
}

void look_at_unit(const Arguments& arguments, Findings& out) {
    const std::string analyze = find_program("systemd-analyze");
    if (analyze.empty() || ::access("/run/systemd/system", F_OK) != 0) {
        out.push_back({State::skipped, "unit", "systemd does not run here", ""});
        return;
    }
    std::vector<std::string> words{analyze, "security", "--no-pager"};
    if (arguments.scope() == Scope::user) words.emplace_back("--user");
    words.emplace_back("ccrd.service");
    const auto ran = run_program(words, "", Millis(20'000));
    constexpr std::string_view mark = "exposure level for ccrd.service: ";
    const auto at = ran ? ran->out.rfind(mark) : std::string::npos;
    if (at == std::string::npos) {
        out.push_back({State::skipped, "unit", "no unit ccrd.service is installed", ""});
        return;
    }
    const std::string_view rest = std::string_view(ran->out).substr(at + mark.size());
    const std::string score(rest.substr(0, rest.find(' ')));
    const auto number = to_number<double>(score);
    const bool good = number && *number <= 2.0;
    out.push_back({good ? State::ok : State::warn, "unit",
                   "ccrd.service has an exposure of " + harmless(score) + " of 10",
                   good ? "" : "a drop-in takes protection away; systemctl cat ccrd shows it"});
}

void look_at_client(const Settings& settings, Findings& out) {
    std::string name = settings.ok() ? settings.config->claude_path : "";
    if (name.empty()) name = paths::environment("CLAUDE_PATH").value_or("claude");
    const std::string program = find_program(name);
    if (program.empty()) {
        out.push_back({State::warn, "client", "Claude Code is not installed",
                       "npm install -g @anthropic-ai/claude-code, for ccr code"});
    } else {
        out.push_back({State::ok, "client", program, ""});
    }
}

}  // namespace ccr::ctl
