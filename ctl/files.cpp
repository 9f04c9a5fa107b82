// SPDX-License-Identifier: MIT
#include "ctl/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "ctl/command.hpp"

namespace ccr::ctl {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ > 2) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

Error failed(const std::string& path, int error) {
    Error out{ErrorKind::io, path + ": " + reason(error)};
    out.code = error == EACCES || error == EPERM ? "permission" : "";
    return out;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

// Where a link leads, so that the file behind it is replaced and not the link.
std::string behind_links(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                           &std::free);
    return real ? std::string(real.get()) : path;
}

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

// Mode, owner and content, then to the disk. False: errno says why.
bool fill(int fd, std::string_view text, const struct stat* old, mode_t mode) {
    if (old != nullptr && ::fchown(fd, old->st_uid, old->st_gid) != 0) return false;
    if (::fchmod(fd, old != nullptr ? old->st_mode & 07777 : mode) != 0) return false;
    return write_all(fd, text) && ::fsync(fd) == 0;
}

volatile std::sig_atomic_t caught = 0;

void remember(int signal) {
    caught = signal;
}

// What is typed stays invisible for as long as this lives. A signal that would end the program ends
// the reading first, so that the terminal is as before, and acts then.
class Hidden {
  public:
    explicit Hidden(bool wanted) {
        if (!wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        caught = 0;
        struct sigaction action {};
        action.sa_handler = remember;
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &action, &old_[i]);
        hidden_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~Hidden() {
        if (!hidden_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &old_[i], nullptr);
        static_cast<void>(write_all(STDERR_FILENO, "\n"));
        if (caught != 0) static_cast<void>(std::raise(caught));
    }
    Hidden(const Hidden&) = delete;
    Hidden& operator=(const Hidden&) = delete;

    [[nodiscard]] bool interrupted() const { return hidden_ && caught != 0; }

  private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGTSTP};
    bool hidden_ = false;
    termios before_{};
    std::array<struct sigaction, signals.size()> old_{};
};

}  // namespace

std::string reason(int error) {
    if (error == ENOENT) return "there is no such file";
    if (error == EACCES || error == EPERM) return "permission denied";
    return std::strerror(error);
}

int exit_code_of(const Error& error) {
    return error.code == "permission" ? exit_permission : exit_failure;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const bool input = path == "-";
    const Descriptor file(input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failed(path, errno);
    std::string text;
    std::array<char, 65536> piece;
    for (;;) {
        const ssize_t n = ::read(file.get(), piece.data(), piece.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(input ? "standard input" : path, errno);
        if (n == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(n));
        if (text.size() > limit) {
            return Error{ErrorKind::io, (input ? "standard input" : path) + ": is larger than " +
                                            std::to_string(limit >> 10U) + " KiB"};
        }
    }
}

Result<void> make_directories(const std::string& path, mode_t mode) {
    if (path.empty() || path == "/" || path == ".") return {};
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
        return S_ISDIR(info.st_mode) ? Result<void>() : failed(path, ENOTDIR);
    }
    if (Result<void> above = make_directories(directory_of(path), mode); !above) return above;
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failed(path, errno);
    return {};
}

Result<void> replace_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string target = behind_links(path);
    struct stat old {};
    const bool there = ::stat(target.c_str(), &old) == 0;
    if (there && !S_ISREG(old.st_mode)) return Error{ErrorKind::io, path + ": is no regular file"};
    if (Result<void> made = make_directories(directory_of(target)); !made) return made;
    std::string fresh = target + ".XXXXXX";
    const Descriptor file(::mkostemp(fresh.data(), O_CLOEXEC));
    if (file.get() < 0) return failed(directory_of(target), errno);
    if (!fill(file.get(), text, there ? &old : nullptr, mode) ||
        ::rename(fresh.c_str(), target.c_str()) != 0) {
        const int error = errno;
        ::unlink(fresh.c_str());
        return failed(path, error);
    }
    return {};
}

Result<std::string> keep_old(const std::string& path) {
    constexpr int most = 100;
    const std::string target = behind_links(path);
    for (int i = 1; i <= most; ++i) {
        std::string name = target + (i == 1 ? std::string(".old") : ".old" + std::to_string(i));
        if (::link(target.c_str(), name.c_str()) == 0) return name;
        if (errno != EEXIST) return failed(name, errno);
    }
    return failed(target + ".old", EEXIST);
}

bool can_ask() {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

std::optional<std::string> ask(std::string_view prompt, bool hidden) {
    constexpr std::size_t longest = 64U << 10U;
    const bool terminal = can_ask();
    // Hidden first: what is typed once the prompt is seen is neither shown nor flushed away.
    const Hidden guard(hidden && terminal);
    if (terminal) static_cast<void>(write_all(STDERR_FILENO, prompt));
    std::string line;
    char c = 0;
    for (;;) {
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (guard.interrupted()) return std::nullopt;
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0 && line.empty()) return std::nullopt;
        if (n <= 0 || c == '\n') break;
        if (line.size() >= longest) return std::nullopt;
        line += c;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace ccr::ctl
