// SPDX-License-Identifier: MIT
// logs: the unit's journal, the background process's log file, or the feed of events.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/event_text.hpp"
#include "ctl/interrupt.hpp"
#include "ctl/launch.hpp"
#include "ctl/print.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {
namespace {

constexpr std::int64_t default_lines = 20;
constexpr std::int64_t max_lines = 100'000;
constexpr off_t max_tail = 16 << 20;
constexpr Millis poll_every{200};
constexpr Millis feed_silence{24 * 3600 * 1000};  // nothing may happen for long

// Gives only an error: else it has become journalctl.
int journal(const Found& found, std::int64_t lines, bool follow) {
    const bool user = found.manager.scope() == Scope::user;
    const std::string unit = (user ? "--user-unit=" : "--unit=") + std::string(service_unit);
    const std::string count = "--lines=" + std::to_string(lines);
    std::vector<const char*> words{"journalctl", unit.c_str(), count.c_str()};
    if (follow) words.push_back("--follow");
    words.push_back(nullptr);
    restore_signals();
    // execvp takes pointers to characters that it does not change.
    ::execvp("journalctl", const_cast<char* const*>(words.data()));
    return complain(exit_unavailable, std::string("journalctl: ") + std::strerror(errno));
}

int feed(const Arguments& arguments) {
    Client client(arguments);
    const bool raw = arguments.json();
    const bool colour = terminal().colour;
    const Ask ask{.target = std::string(control::endpoint::events),
                  .accept = "text/event-stream",
                  .limit = feed_silence};
    const auto ended = client.stream(ask, [&](std::string_view, std::string_view data) {
        if (raw) {
            out(std::string(data) + "\n");
        } else if (const auto event = control::from_json<control::Event>(data)) {
            const std::string line = event_line(*event, colour);
            if (!line.empty()) out(line + "\n");
        }
        return std::ferror(stdout) == 0;
    });
    if (ended) return exit_ok;
    if (ended.error().kind == ErrorKind::eof) return complain(exit_unavailable, "ccrd has ended");
    return complain(ended.error());
}

// Where the last `lines` lines of the file begin.
off_t beginning(int fd, std::int64_t lines) {
    const off_t end = ::lseek(fd, 0, SEEK_END);
    const off_t from = std::max<off_t>(end - max_tail, 0);
    std::string text(static_cast<std::size_t>(end - from), '\0');
    const ssize_t n = ::pread(fd, text.data(), text.size(), from);
    std::size_t at = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (at > 0 && lines > 0) --at;  // the newline of the last line
    for (std::int64_t i = 0; i < lines && at != std::string::npos; ++i)
        at = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    return at == std::string::npos ? from : from + static_cast<off_t>(at) + (lines > 0 ? 1 : 0);
}

void copy(int fd) {
    char piece[65536];
    for (ssize_t n = ::read(fd, piece, sizeof piece); n > 0; n = ::read(fd, piece, sizeof piece))
        out({piece, static_cast<std::size_t>(n)});
}

// A start puts a large log aside; the file of that name is another one then.
bool replaced(int fd, const std::string& file) {
    struct stat ours {};
    struct stat named {};
    return ::fstat(fd, &ours) == 0 && ::stat(file.c_str(), &named) == 0 &&
           ours.st_ino != named.st_ino;
}

int log_text(const std::string& file, std::int64_t lines, bool follow) {
    int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return complain(exit_failure, file + ": " + std::strerror(errno));
    ::lseek(fd, beginning(fd, lines), SEEK_SET);
    copy(fd);
    while (follow && std::ferror(stdout) == 0) {
        std::this_thread::sleep_for(poll_every);
        copy(fd);
        if (!replaced(fd, file)) continue;
        ::close(fd);
        fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) break;
    }
    if (fd >= 0) ::close(fd);
    return exit_ok;
}

}  // namespace

int logs(const Arguments& arguments) {
    const auto lines =
        to_number<std::int64_t>(arguments.value("lines").value_or(std::to_string(default_lines)));
    if (!lines || *lines < 0 || *lines > max_lines)
        return complain(exit_usage, "logs: --lines takes a number up to 100000");
    const bool follow = arguments.has("follow");
    if (arguments.json()) return feed(arguments);
    if (const auto unit = unit_for(arguments)) return journal(*unit, *lines, follow);
    // A router that is named by its socket need not be the one whose log is here.
    const std::string file = log_file();
    const bool own = !arguments.has("control") && ::access(file.c_str(), R_OK) == 0;
    if (own) return log_text(file, *lines, follow);
    if (follow) return feed(arguments);
    return complain(exit_failure,
                    "there is no journal and no log file of this router; ccr logs -f shows what "
                    "it does from now on");
}

}  // namespace ccr::ctl
