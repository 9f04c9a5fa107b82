// SPDX-License-Identifier: MIT
// Beast's parser over a blocking socket; Asio is not used.
#include "ctl/client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "common/json.hpp"
#include "ctl/command.hpp"
#include "ctl/print.hpp"
#include "ctl/sse.hpp"

namespace ccr::ctl {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t max_body = 64U << 20U;
constexpr int idle_every = 100;  // ms

struct Socket {
    int fd = -1;
    explicit Socket(int descriptor) : fd(descriptor) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd >= 0) ::close(fd);
    }
};

int milliseconds_until(SteadyTime deadline) {
    const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

Error too_slow() {
    return {ErrorKind::timeout, "ccrd does not answer in time; is it stuck? ccr logs may tell"};
}

// Until the socket is ready, or the error that says it is too late.
Result<void> await(int fd, short what, SteadyTime deadline,
                   const std::function<bool()>& idle = {}) {
    for (;;) {
        pollfd entry{fd, what, 0};
        const int left = milliseconds_until(deadline);
        const int ready = ::poll(&entry, 1, idle ? std::min(left, idle_every) : left);
        const int reason = errno;
        if (ready > 0) return {};
        if (idle && !idle()) return Error{ErrorKind::cancelled, "ended on request"};
        if (ready == 0 && milliseconds_until(deadline) == 0) return too_slow();
        if (ready == 0) continue;
        // Interrupted by a handled signal (a resized terminal): go on; the deadline stands.
        if (reason != EINTR) return Error{ErrorKind::io, std::strerror(reason)};
    }
}

Result<void> write_all(int fd, std::string_view text, SteadyTime deadline) {
    while (!text.empty()) {
        const ssize_t n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            if (auto ready = await(fd, POLLOUT, deadline); !ready) return ready;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return {};  // it has answered without reading all; the answer says why
        } else if (errno != EINTR) {
            return Error{ErrorKind::io, std::strerror(errno)};
        }
    }
    return {};
}

// 0: the other end has closed.
Result<std::size_t> read_some(int fd, char* into, std::size_t size, SteadyTime deadline,
                              const std::function<bool()>& idle) {
    if (auto ready = await(fd, POLLIN, deadline, idle); !ready) return std::move(ready).error();
    for (;;) {
        const ssize_t n = ::recv(fd, into, size, 0);
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno == ECONNRESET) return std::size_t{0};
        if (errno != EINTR) return Error{ErrorKind::io, std::strerror(errno)};
    }
}

std::string request_text(const Ask& ask) {
    std::string text(ask.method);
    text += " " + ask.target + " HTTP/1.1\r\nHost: " + std::string(control::host) +
            "\r\nAccept: " + ask.accept + "\r\nConnection: close\r\n";
    if (ask.method != "GET") {
        text +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(ask.body.size()) +
            "\r\n";
    }
    return text + "\r\n" + ask.body;
}

// Reads bytes into a parser until it has a whole message, handing over the body as it comes.
class Reading {
  public:
    Reading(int fd, Parser& parser) : fd_(fd), parser_(parser) {
        parser_.eager(true);
        parser_.body_limit(max_body);
        parser_.header_limit(64U << 10U);
    }

    // One read's worth. False when the message is complete.
    Result<bool> step(SteadyTime deadline, const std::function<bool()>& idle = {}) {
        char piece[16384];
        auto n = read_some(fd_, piece, sizeof piece, deadline, idle);
        if (!n) return std::move(n).error();
        boost::beast::error_code failed;
        if (*n == 0) {
            if (!parser_.got_some()) return gone();
            parser_.put_eof(failed);
            if (failed) return gone();
            return false;
        }
        pending_.append(piece, *n);
        while (!pending_.empty() && !parser_.is_done() && !failed) {
            const std::size_t used = parser_.put(boost::asio::buffer(pending_), failed);
            pending_.erase(0, used);
        }
        if (failed && failed != http::error::need_more)
            return Error{ErrorKind::malformed,
                         "what answers on the control socket is no ccrd: " + failed.message()};
        return !parser_.is_done();
    }

  private:
    static Error gone() {
        return {ErrorKind::eof, "ccrd ended before it had answered; ccr logs may tell why"};
    }

    int fd_;
    Parser& parser_;
    std::string pending_;
};

Result<int> connect_to(const std::string& path, SteadyTime deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error{ErrorKind::io, path + ": the path is too long for a socket"};
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return Error{ErrorKind::io, std::strerror(errno)};
    const auto* const where = static_cast<const void*>(&address);
    while (::connect(fd, static_cast<const sockaddr*>(where), sizeof address) != 0) {
        const int reason = errno;
        // A full queue: a busy or starting daemon. Unix sockets cannot be waited for here.
        if (reason == EAGAIN && std::chrono::steady_clock::now() < deadline) {
            ::poll(nullptr, 0, 20);
            continue;
        }
        if (reason == EINTR) continue;
        ::close(fd);
        if (reason == EACCES || reason == EPERM) {
            return Error{ErrorKind::forbidden, path + ": permission denied; " + [&] {
                             return path == control::system_socket
                                        ? std::string(
                                              "add yourself to group ccr (sudo usermod -aG "
                                              "ccr $USER, then log in again) or use sudo")
                                        : std::string("it belongs to another user");
                         }()};
        }
        if (reason == EAGAIN) return too_slow();
        return Error{ErrorKind::connect, path + ": " + std::strerror(reason)};
    }
    return fd;
}

}  // namespace

Client::Client(const Arguments& arguments) {
    control::Scope scope = control::Scope::any;
    if (arguments.scope() == Scope::system) scope = control::Scope::system;
    if (arguments.scope() == Scope::user) scope = control::Scope::user;
    sockets_ = control::sockets(arguments.control(), scope);
}

Result<int> Client::connect(SteadyTime deadline) {
    Error worst{ErrorKind::connect, "ccrd is not running; ccr start starts it"};
    for (const std::string& path : sockets_) {
        auto fd = connect_to(path, deadline);
        if (fd) {
            used_ = path;
            return fd;
        }
        // "Not running" is what counts unless there is one that we may not talk to.
        if (fd.error().kind != ErrorKind::connect) worst = std::move(fd).error();
    }
    if (worst.kind == ErrorKind::connect && sockets_.size() == 1)
        worst.detail =
            "ccrd is not running (nobody listens on " + sockets_.front() + "); ccr start starts it";
    return worst;
}

Result<Answer> Client::exchange(const Ask& ask) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + ask.limit;
    auto connected = connect(deadline);
    if (!connected) return std::move(connected).error();
    const Socket socket(*connected);
    if (auto written = write_all(socket.fd, request_text(ask), deadline); !written)
        return std::move(written).error();
    Parser parser;
    Reading reading(socket.fd, parser);
    for (;;) {
        auto more = reading.step(deadline);
        if (!more) return std::move(more).error();
        if (!*more) break;
    }
    Answer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    answer.content_type = parser.get()[http::field::content_type];
    answer.body = std::move(parser.get().body());
    return answer;
}

Result<Answer> Client::get(std::string_view target) {
    const Ask ask{.target = std::string(target)};
    auto answer = exchange(ask);
    if (!answer || answer->status / 100 == 2) return answer;
    return refusal(ask, *answer);
}

Result<void> Client::stream(const Ask& ask, const OnEvent& event,
                            const std::function<bool()>& idle) {
    SteadyTime deadline = std::chrono::steady_clock::now() + ask.limit;
    auto connected = connect(deadline);
    if (!connected) return std::move(connected).error();
    const Socket socket(*connected);
    if (auto written = write_all(socket.fd, request_text(ask), deadline); !written) return written;
    Parser parser;
    Reading reading(socket.fd, parser);
    EventReader events;
    for (bool going = true; going;) {
        auto more = reading.step(deadline, idle);
        if (!more && more.error().kind == ErrorKind::cancelled) return {};
        if (!more) return std::move(more).error();
        going = *more;
        if (!parser.is_header_done()) continue;
        std::string& body = parser.get().body();
        if (parser.get()[http::field::content_type].starts_with("text/event-stream")) {
            if (!events.feed(body, event)) return {};
            body.clear();
        }
        deadline = std::chrono::steady_clock::now() + ask.limit;
    }
    Answer answer{static_cast<int>(parser.get().result_int()), {}, parser.get().body()};
    if (answer.status / 100 != 2) return refusal(ask, answer);
    if (!answer.body.empty()) event("", answer.body);
    return {};
}

Error Client::refusal(const Ask& ask, const Answer& answer) {
    ErrorKind kind = ErrorKind::internal;
    if (answer.status == 503 || answer.status == 529) kind = ErrorKind::unavailable;
    if (answer.status == 400) kind = ErrorKind::invalid_request;
    if (answer.status == 504) kind = ErrorKind::timeout;
    json::Document document;
    const auto root = document.parse_view(answer.body);
    std::string words;
    if (root) words = (*root)["error"]["message"].str();
    if (words.empty() && root) words = (*root)["error"].str();
    if (answer.status == 404 && words.empty())
        words = "this ccrd does not know " + ask.target + "; it is of another version than ccr";
    if (words.empty()) words = "ccrd answers with HTTP status " + std::to_string(answer.status);
    return {kind, words};
}

int exit_code(const Error& error) {
    switch (error.kind) {
        case ErrorKind::connect:
            return exit_not_running;
        case ErrorKind::forbidden:
            return exit_permission;
        case ErrorKind::timeout:
            return exit_tempfail;
        case ErrorKind::unavailable:
            return exit_unavailable;
        case ErrorKind::invalid_request:
            return exit_usage;
        case ErrorKind::config:
            return exit_config;
        default:
            return exit_failure;
    }
}

int complain(const Error& error) {
    return complain(exit_code(error), error.chain());
}

}  // namespace ccr::ctl
