// SPDX-License-Identifier: MIT
#include "tests/bench/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ccr::bench {
namespace {

std::string error_text(const char* what) {
    return std::string(what) + ": " + std::generic_category().message(errno);
}

}  // namespace

Client::~Client() {
    if (fd_ >= 0) ::close(fd_);
}

bool Client::connect(std::uint16_t port) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        fail(error_text("socket"));
        return false;
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd_, generic, sizeof address) == 0 || errno == EINPROGRESS) return true;
    fail(error_text("connect"));
    return false;
}

Client::Next Client::again() {
    response_.reset();
    sent_ = 0;
    frames_before_ = 0;
    seen_first_ = false;
    return send_rest();
}

Client::Next Client::on_ready(std::string& scratch) {
    if (sent_ < request_.size()) {
        const auto next = send_rest();
        if (next != Next::read) return next;
    }
    return receive(scratch);
}

Client::Next Client::send_rest() {
    if (sent_ == 0) ++totals_.started;
    while (sent_ < request_.size()) {
        const auto got =
            ::send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) return Next::write;
        if (got < 0) return fail(error_text("send"));
        sent_ += static_cast<std::size_t>(got);
    }
    return Next::read;
}

Client::Next Client::receive(std::string& scratch) {
    while (true) {
        const auto got = ::recv(fd_, scratch.data(), scratch.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return Next::read;
        if (got < 0) return fail(error_text("recv"));
        const auto size = static_cast<std::size_t>(got);
        const auto state = got == 0 ? response_.feed_eof()
                                    : response_.feed(std::string_view(scratch.data(), size));
        totals_.events += response_.frames() - frames_before_;
        frames_before_ = response_.frames();
        if (!seen_first_ && frames_before_ > 0) {
            seen_first_ = true;
            ++totals_.answering;
        }
        if (state == ResponseReader::State::bad) return fail("cut or malformed answer");
        if (state == ResponseReader::State::done) return ended();
        if (size < scratch.size()) return Next::read;
    }
}

Client::Next Client::ended() {
    if (!response_.good())
        return fail("status " + std::to_string(response_.status()) + ": " + response_.tail());
    if (seen_first_) --totals_.answering;
    ++totals_.finished;
    return Next::answered;
}

Client::Next Client::fail(const std::string& why) {
    if (seen_first_) --totals_.answering;
    ++totals_.errors;
    if (totals_.first_error.empty()) totals_.first_error = why;
    return Next::failed;
}

}  // namespace ccr::bench
