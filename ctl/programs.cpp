// SPDX-License-Identifier: MIT
#include "ctl/programs.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

#include "common/argv.hpp"
#include "common/paths.hpp"
#include "ctl/files.hpp"

namespace ccr::ctl {
namespace {

bool executable(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

// Both ends are closed at the end, unless close() did so before.
class Pipe {
  public:
    Pipe() { open_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
    ~Pipe() {
        close(0);
        close(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    [[nodiscard]] bool open() const { return open_; }
    [[nodiscard]] int end(std::size_t i) const { return ends_[i]; }
    void close(std::size_t i) {
        if (ends_[i] >= 0) ::close(ends_[i]);
        ends_[i] = -1;
    }

  private:
    std::array<int, 2> ends_{-1, -1};
    bool open_ = false;
};

class Child {
  public:
    Result<void> start(const std::vector<std::string>& words) {
        if (!in_.open() || !out_.open() || !error_.open())
            return Error{ErrorKind::io, "no pipe: " + reason(errno)};
        const auto argv = argv_of(words);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, in_.end(0), 0);
        ::posix_spawn_file_actions_adddup2(&actions, out_.end(1), 1);
        ::posix_spawn_file_actions_adddup2(&actions, error_.end(1), 2);
        const int failed =
            ::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) return Error{ErrorKind::io, words[0] + ": " + reason(failed)};
        in_.close(0);
        out_.close(1);
        error_.close(1);
        ::fcntl(in_.end(1), F_SETFL, O_NONBLOCK);
        return {};
    }

    // Until it has closed its outputs. False: it took too long and was ended.
    bool talk(std::string_view input, SteadyTime deadline, Ran& ran) {
        while (out_.end(0) >= 0 || error_.end(0) >= 0) {
            if (input.empty()) in_.close(1);
            const auto left =
                std::chrono::duration_cast<Millis>(deadline - SteadyTime::clock::now());
            std::array<pollfd, 3> polled{
                {{out_.end(0), POLLIN, 0}, {error_.end(0), POLLIN, 0}, {in_.end(1), POLLOUT, 0}}};
            const int ready =
                left.count() <= 0 ? 0 : ::poll(polled.data(), 3, static_cast<int>(left.count()));
            if (ready < 0 && errno == EINTR) continue;
            if (ready <= 0) {
                ::kill(pid_, SIGKILL);
                return false;
            }
            if (polled[0].revents != 0) take(out_, ran.out, std::size_t{1} << 20U);
            if (polled[1].revents != 0) take(error_, ran.error, std::size_t{64} << 10U);
            if (polled[2].revents != 0) give(input);
        }
        return true;
    }

    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    static void take(Pipe& from, std::string& to, std::size_t limit) {
        std::array<char, 16384> piece;
        const ssize_t n = ::read(from.end(0), piece.data(), piece.size());
        if (n <= 0) {
            from.close(0);
        } else if (to.size() < limit) {
            to.append(piece.data(), static_cast<std::size_t>(n));
        }
    }

    void give(std::string_view& input) {
        const ssize_t n = ::write(in_.end(1), input.data(), input.size());
        // Who does not want the rest need not have it.
        input.remove_prefix(n < 0 ? input.size() : static_cast<std::size_t>(n));
    }

    Pipe in_;
    Pipe out_;
    Pipe error_;
    pid_t pid_ = -1;
};

}  // namespace

std::string find_program(std::string_view name) {
    if (name.empty()) return {};
    if (name.find('/') != std::string_view::npos) {
        std::string path = paths::expand_home(name);
        return executable(path) ? path : std::string();
    }
    const std::string path = paths::environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    std::string_view rest = path;
    while (!rest.empty()) {
        const auto colon = rest.find(':');
        const std::string_view directory = rest.substr(0, colon);
        std::string candidate(directory.empty() ? "." : directory);
        candidate.append("/").append(name);
        if (executable(candidate)) return candidate;
        if (colon == std::string_view::npos) break;
        rest.remove_prefix(colon + 1);
    }
    return {};
}

std::string own_program() {
    std::array<char, PATH_MAX> path;
    const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
    return n > 0 ? std::string(path.data(), static_cast<std::size_t>(n)) : "ccr";
}

Result<Ran> run_program(const std::vector<std::string>& words, std::string_view input,
                        Millis limit) {
    const SteadyTime deadline = SteadyTime::clock::now() + limit;
    Child child;
    if (Result<void> started = child.start(words); !started) return started.error();
    Ran ran;
    const bool finished = child.talk(input, deadline, ran);
    ran.code = child.wait();
    if (!finished) return Error{ErrorKind::io, words[0] + " takes too long and was ended"};
    return ran;
}

}  // namespace ccr::ctl
