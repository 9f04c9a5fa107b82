// SPDX-License-Identifier: MIT
#include "ctl/launch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "common/argv.hpp"
#include "common/paths.hpp"
#include "ctl/interrupt.hpp"

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;

constexpr off_t max_log = 8 << 20;  // a larger one is put aside before a start
constexpr std::size_t shown_log = 8192;
constexpr int cannot_run = 127;

// Where the daemon's sd_notify messages arrive: a socket in a folder that only we may enter.
class NotifySocket {
  public:
    NotifySocket() {
        const auto runtime = paths::environment("XDG_RUNTIME_DIR");
        std::string pattern = (runtime ? *runtime : fs::temp_directory_path().string());
        pattern += "/ccr-start-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) return;
        folder_ = pattern;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string file = path();
        if (file.size() >= sizeof address.sun_path) return;
        std::memcpy(address.sun_path, file.data(), file.size());
        fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const auto* const where = static_cast<const void*>(&address);
        if (fd_ < 0 || ::bind(fd_, static_cast<const sockaddr*>(where), sizeof address) != 0)
            return;
        usable_ = true;
    }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;
    ~NotifySocket() {
        if (fd_ >= 0) ::close(fd_);
        if (folder_.empty()) return;
        ::unlink(path().c_str());
        ::rmdir(folder_.c_str());
    }

    [[nodiscard]] bool usable() const { return usable_; }
    [[nodiscard]] std::string path() const { return folder_ + "/notify"; }

    // Takes what has arrived within `limit`; whether the daemon is ready now.
    bool ready_within(int limit, std::string& status) {
        pollfd entry{fd_, POLLIN, 0};
        if (::poll(&entry, 1, limit) <= 0) return false;
        std::array<char, 4096> message{};
        const ssize_t n = ::recv(fd_, message.data(), message.size(), 0);
        if (n <= 0) return false;
        const std::string_view text(message.data(), static_cast<std::size_t>(n));
        bool ready = false;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find('\n', at), text.size());
            const std::string_view line = text.substr(at, end - at);
            at = end + 1;
            if (line == "READY=1") ready = true;
            if (line.starts_with("STATUS=")) status = line.substr(7);
        }
        return ready;
    }

  private:
    std::string folder_;
    int fd_ = -1;
    bool usable_ = false;
};

Result<int> open_log(const std::string& file) {
    std::error_code ignored;
    fs::create_directories(fs::path(file).parent_path(), ignored);
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0 && info.st_size > max_log)
        fs::rename(file, file + ".1", ignored);
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    return Error{ErrorKind::io,
                 "cannot write " + file + ": " + std::strerror(errno) + "; set XDG_STATE_HOME"};
}

// What has been written to the log since `from`, the end of it if that is much.
std::string tail(const std::string& file, off_t from) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const off_t end = ::lseek(fd, 0, SEEK_END);
    from = std::max(from, end - static_cast<off_t>(shown_log));
    std::string text(static_cast<std::size_t>(std::max<off_t>(end - from, 0)), '\0');
    const ssize_t n = ::pread(fd, text.data(), text.size(), from);
    ::close(fd);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::vector<std::string> command_of(const Arguments& arguments) {
    std::vector<std::string> words{daemon_program()};
    for (const char* option : {"config", "control"}) {
        const auto value = arguments.value(option);
        if (!value) continue;
        words.push_back("--" + std::string(option));
        words.push_back(fs::absolute(*value).string());
    }
    return words;
}

[[noreturn]] void become(std::vector<std::string>& words, const std::string& notify, int log) {
    ::setsid();
    restore_signals();
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    // A service of its own must not keep the caller's folder busy.
    if (::chdir("/") != 0) ::_exit(cannot_run);
    ::setenv("NOTIFY_SOCKET", notify.c_str(), 1);
    const auto argv = argv_of(words);
    ::execvp(argv.front(), argv.data());
    const std::string message = words.front() + ": " + std::strerror(errno) +
                                "; install it beside ccr, or set CCRD to its path\n";
    if (::write(STDERR_FILENO, message.data(), message.size()) < 0) ::_exit(cannot_run);
    ::_exit(cannot_run);
}

Error failed_start(int status, const std::string& words) {
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    Error error(code == 78 ? ErrorKind::config : ErrorKind::internal,
                words.empty() ? "it said nothing; exit status " + std::to_string(code) : words);
    error.upstream_status = code;
    if (WIFSIGNALED(status))
        error.detail += "\nended by signal " + std::to_string(WTERMSIG(status));
    return error;
}

}  // namespace

std::string daemon_program() {
    std::error_code failed;
    if (const auto named = paths::environment("CCRD")) {
        // Looked up on $PATH without a slash; a path is the caller's, and it starts elsewhere.
        const bool path = named->find('/') != std::string::npos;
        return path ? fs::absolute(*named, failed).string() : *named;
    }
    const fs::path self = fs::read_symlink("/proc/self/exe", failed);
    if (!failed) {
        const fs::path beside = self.parent_path() / "ccrd";
        if (::access(beside.c_str(), X_OK) == 0) return beside.string();
    }
    return "ccrd";
}

std::string log_file() {
    const auto state = paths::environment("XDG_STATE_HOME");
    return (state ? *state : paths::home() + "/.local/state") + "/ccr/ccrd.log";
}

Result<Launched> launch(const Arguments& arguments, Millis limit) {
    const std::string file = log_file();
    auto log = open_log(file);
    if (!log) return std::move(log).error();
    const off_t before = ::lseek(*log, 0, SEEK_END);
    NotifySocket notify;
    if (!notify.usable()) {
        ::close(*log);
        return Error{ErrorKind::io, "cannot make a socket for its start; is the disk full?"};
    }
    auto words = command_of(arguments);
    const pid_t child = ::fork();
    if (child == 0) become(words, notify.path(), *log);
    ::close(*log);
    if (child < 0) return Error{ErrorKind::io, std::strerror(errno)};
    Launched launched{.pid = child, .status = {}, .log_file = file};
    const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        if (notify.ready_within(50, launched.status)) return launched;
        int status = 0;
        if (::waitpid(child, &status, WNOHANG) == child)
            return failed_start(status, tail(file, before));
    }
    ::kill(child, SIGTERM);
    Error late(ErrorKind::timeout, tail(file, before));
    late.detail += (late.detail.empty() ? "" : "\n") + std::string("not ready within ") +
                   std::to_string(limit.count() / 1000) + " s; ended again";
    return late;
}

}  // namespace ccr::ctl
