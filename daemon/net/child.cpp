// SPDX-License-Identifier: MIT
#include "daemon/net/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "common/argv.hpp"
#include "daemon/net/spawn.hpp"

extern char** environ;

namespace ccr::net {
namespace {

constexpr int stdin_fd = 0;
constexpr int stdout_fd = 1;
constexpr int stderr_fd = 2;
constexpr int socket_fd = 3;
// A program that has answered may still tidy up; one that was killed is gone at once.
constexpr Millis farewell{2'000};
constexpr Millis reap_limit{30'000};

Error failed(const char* doing, int code) {
    return {ErrorKind::io, std::string(doing) + ": " + std::strerror(code)};
}

// The service manager's handshake is between it and us.
std::vector<char*> environment() {
    constexpr std::array<std::string_view, 4> ours{"LISTEN_", "NOTIFY_SOCKET=", "WATCHDOG_",
                                                   "MAINPID="};
    std::vector<char*> out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const bool drop = std::any_of(ours.begin(), ours.end(), [text](std::string_view name) {
            return text.starts_with(name);
        });
        if (!drop) out.push_back(*entry);
    }
    out.push_back(nullptr);
    return out;
}

class Launch {
  public:
    Launch() {
        posix_spawn_file_actions_init(&files_);
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        constexpr short flags =
            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setflags(&attributes_, flags);
    }
    ~Launch() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    Launch(const Launch&) = delete;
    Launch& operator=(const Launch&) = delete;

    void give(int fd, int as) { posix_spawn_file_actions_adddup2(&files_, fd, as); }
    void give_nothing(int as) {
        posix_spawn_file_actions_addopen(&files_, as, "/dev/null", O_RDONLY, 0);
    }

    // `last`: the highest descriptor that it keeps.
    Result<pid_t> start(const std::vector<std::string>& command, int last) {
        posix_spawn_file_actions_addclosefrom_np(&files_, last + 1);
        const auto arguments = argv_of(command);
        auto variables = environment();
        pid_t pid = 0;
        const int code = ::posix_spawn(&pid, arguments.front(), &files_, &attributes_,
                                       arguments.data(), variables.data());
        if (code != 0) return failed(("cannot start " + command.front()).c_str(), code);
        return pid;
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

bool gone(pid_t pid) {
    return ::waitpid(pid, nullptr, WNOHANG) != 0;
}

void kill_group(pid_t pid) {
    ::kill(-pid, SIGKILL);
}

// Waits for a child's end, so that it does not stay a zombie; `patience` before it is made to end.
asio::awaitable<void> reap(Loop& loop, pid_t pid, Millis patience) {
    Millis waited{0};
    Millis step{2};
    bool killed = false;
    while (!gone(pid) && waited < reap_limit) {
        if (waited >= patience && !std::exchange(killed, true)) kill_group(pid);
        auto slept = co_await sleep_for(loop, step);
        if (!slept) {
            kill_group(pid);
            static_cast<void>(gone(pid));
            co_return;
        }
        waited += step;
        step = std::min(step * 2, Millis{500});
    }
}

// On the way down nobody waits any more; init takes the zombie over.
void bury(Loop& loop, pid_t pid, Millis patience) {
    if (patience == Millis{0}) kill_group(pid);
    if (loop.stopping()) {
        kill_group(pid);
        static_cast<void>(gone(pid));
        return;
    }
    spawn(loop, "child process", reap(loop, pid, patience));
}

// The reading end of a pipe. The state outlives the object while a wait is still to be completed.
class PipeReader {
  public:
    PipeReader(Loop& loop, Fd fd)
        : loop_(loop), state_(std::make_shared<State>(loop.context(), fd.release())) {}
    ~PipeReader() {
        boost::system::error_code ignored;
        state_->descriptor.close(ignored);
    }
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;

    [[nodiscard]] asio::awaitable<Wake> wait(Limit limit, CancelScope* scope) {
        if (!state_->armed) {
            state_->armed = true;
            state_->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                          [state = state_](const boost::system::error_code& error) {
                                              state->armed = false;
                                              if (!error) state->waiter.wake_inline();
                                          });
        }
        co_return co_await state_->waiter.wait(loop_, limit, scope);
    }

    // Bytes, 0 = end, nothing = wait first.
    [[nodiscard]] std::optional<std::size_t> try_read(char* into, std::size_t size) {
        const ssize_t got = ::read(state_->descriptor.native_handle(), into, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == EAGAIN || errno == EINTR) return std::nullopt;
        return 0;
    }

  private:
    struct State {
        State(asio::io_context& context, int fd) : descriptor(context, fd) {}
        asio::posix::stream_descriptor descriptor;
        Waiter waiter;
        bool armed = false;
    };
    Loop& loop_;
    std::shared_ptr<State> state_;
};

Result<Fd> file_with(std::string_view input) {
    Fd file(::memfd_create("input", MFD_CLOEXEC));
    if (!file) return failed("memfd_create", errno);
    while (!input.empty()) {
        const ssize_t put = ::write(file.get(), input.data(), input.size());
        if (put < 0) return failed("writing the input", errno);
        input.remove_prefix(static_cast<std::size_t>(put));
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

struct Pipe {
    Fd reading;
    Fd writing;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed("pipe", errno);
    Pipe pipe{Fd(ends[0]), Fd(ends[1])};
    // Only our end: the program expects its output to block.
    ::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK);
    return pipe;
}

asio::awaitable<Result<std::string>> first_line(PipeReader& pipe, SteadyTime deadline,
                                                std::size_t max_output, CancelScope* scope) {
    std::string out;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto got = pipe.try_read(piece.data(), piece.size());
        if (got && *got == 0) co_return out;
        if (got) {
            out.append(piece.data(), *got);
            if (const auto line = out.find('\n'); line != std::string::npos && line > 0) {
                out.resize(line);
                co_return out;
            }
            if (out.size() > max_output) {
                co_return Error(ErrorKind::too_large, "too much output");
            }
            continue;
        }
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
        const Wake wake = co_await pipe.wait(std::max(left, Millis{0}), scope);
        if (wake == Wake::timeout) co_return Error(ErrorKind::timeout, "no answer in time");
        if (wake == Wake::cancelled) co_return Error(ErrorKind::cancelled, "cancelled");
    }
}

// The exit status of a program that has closed its output; nothing if it does not end in time.
asio::awaitable<std::optional<int>> status_of(Loop& loop, pid_t pid, SteadyTime deadline) {
    constexpr Millis step{2};
    while (std::chrono::steady_clock::now() < deadline) {
        int status = 0;
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid) co_return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (ended < 0) co_return std::nullopt;
        auto slept = co_await sleep_for(loop, step);
        if (!slept) co_return std::nullopt;
    }
    co_return std::nullopt;
}

}  // namespace

asio::awaitable<Result<std::string>> run_program(Loop& loop, std::vector<std::string> command,
                                                 std::string_view input, Limit limit,
                                                 std::size_t max_output, CancelScope* scope) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    auto file = file_with(input);
    if (!file) co_return std::move(file).error();
    auto pipe = make_pipe();
    if (!pipe) co_return std::move(pipe).error();
    Launch launch;
    launch.give(file->get(), stdin_fd);
    launch.give(pipe->writing.get(), stdout_fd);
    const auto pid = launch.start(command, stderr_fd);
    if (!pid) co_return pid.error();
    pipe->writing.reset();
    PipeReader reader(loop, std::move(pipe->reading));
    auto answer = co_await first_line(reader, deadline, max_output, scope);
    if (answer && answer->empty()) {
        const auto status = co_await status_of(loop, *pid, deadline);
        if (status == 0) co_return answer;
        if (status) co_return Error(ErrorKind::io, "it failed without a word");
    }
    bury(loop, *pid, answer ? farewell : Millis{0});
    co_return answer;
}

Child::Child(Loop& loop, pid_t pid, std::unique_ptr<Stream> stream)
    : loop_(loop), pid_(pid), stream_(std::move(stream)) {}

Child::~Child() {
    stream_.reset();
    bury(loop_, pid_, Millis{0});
}

Result<std::unique_ptr<Child>> Child::start(Loop& loop, const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return failed("socketpair", errno);
    }
    Fd ours(ends[0]);
    const Fd theirs(ends[1]);
    Launch launch;
    launch.give_nothing(stdin_fd);
    launch.give(stderr_fd, stdout_fd);
    launch.give(theirs.get(), socket_fd);
    const auto pid = launch.start(command, socket_fd);
    if (!pid) return pid.error();
    StreamParts parts;
    parts.fd = std::move(ours);
    return std::unique_ptr<Child>(new Child(loop, *pid, make_stream(loop, std::move(parts))));
}

}  // namespace ccr::net
