// SPDX-License-Identifier: MIT
#include "daemon/net/socket_core.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace ccr::net {

using CorePtr = boost::intrusive_ptr<SocketCore>;

Error socket_error(int code, const char* doing) {
    const bool lost = code == ECONNRESET || code == EPIPE || code == ECONNABORTED ||
                      code == ENOTCONN || code == EBADF;
    std::string text = lost ? "connection lost while " : "network error while ";
    text += doing;
    if (!lost) {
        text += ": ";
        text += std::strerror(code);
    }
    return {ErrorKind::reset, std::move(text)};
}

void SocketCore::arm_read() {
    if (read_armed) return;
    read_armed = true;
    descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                          [core = CorePtr(this)](const boost::system::error_code& error) {
                              core->on_readable(error);
                          });
}

void SocketCore::arm_write() {
    if (write_armed) return;
    write_armed = true;
    descriptor.async_wait(asio::posix::descriptor_base::wait_write,
                          [core = CorePtr(this)](const boost::system::error_code& error) {
                              core->on_writable(error);
                          });
}

// Errors of the wait itself need no branch: the following receive reports the real one.
void SocketCore::on_readable(const boost::system::error_code&) {
    read_armed = false;
    readable = true;
    if (!owner) return;
    if (reader.waiting()) {
        reader.wake_inline();
    } else {
        owner->readable_unattended();
    }
}

void SocketCore::on_writable(const boost::system::error_code&) {
    write_armed = false;
    writable = true;
    if (owner && writer.waiting()) writer.wake_inline();
}

SocketStream::SocketStream(Loop& loop, Fd fd) : core_(new SocketCore(loop, fd.release())) {
    core_->owner = this;
}

SocketStream::~SocketStream() {
    SocketStream::close();
}

void SocketStream::close() {
    if (!core_) return;
    core_->owner = nullptr;
    boost::system::error_code ignored;  // nobody is left to tell
    core_->descriptor.close(ignored);
    gone_ = nullptr;
    core_.reset();
}

Fd SocketStream::release_fd() {
    core_->owner = nullptr;
    Fd fd(core_->descriptor.release());
    core_.reset();
    return fd;
}

void SocketStream::shutdown_send() {
    if (core_) ::shutdown(core_->fd(), SHUT_WR);
}

void SocketStream::reset_on_close() {
    const linger at_once{1, 0};
    if (core_) ::setsockopt(core_->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::optional<Error> SocketStream::refusal() const {
    if (cancelled_) return Error{*cancelled_, "the operation was cancelled"};
    if (!core_) return Error{ErrorKind::reset, "the connection is closed"};
    return std::nullopt;
}

void SocketStream::cancel(ErrorKind why) {
    cancelled_ = why;
    if (!core_) return;
    if (core_->reader.waiting()) core_->reader.wake(Wake::cancelled);
    if (core_->writer.waiting()) core_->writer.wake(Wake::cancelled);
}

Result<void> SocketStream::outcome(Wake wake, const char* doing) const {
    if (wake == Wake::ready) return {};
    if (wake == Wake::timeout) {
        return Error{ErrorKind::timeout, std::string("time limit reached while ") + doing};
    }
    return Error{cancelled_.value_or(ErrorKind::cancelled), "the operation was cancelled"};
}

Result<std::size_t> SocketStream::try_read(std::span<char> into) {
    if (auto error = refusal()) return std::move(*error);
    if (!ahead_.empty()) {
        const std::size_t size = ahead_.copy(into.data(), into.size());
        ahead_.erase(0, size);
        if (ahead_.empty()) ahead_.shrink_to_fit();
        return size;
    }
    if (ended_) return std::size_t{0};
    return receive(into);
}

asio::awaitable<Result<void>> SocketStream::wait_input(Limit limit) {
    if (auto error = refusal()) co_return std::move(*error);
    if (core_->readable) co_return Result<void>{};
    core_->arm_read();
    const Wake wake = co_await core_->reader.wait(core_->loop, limit);
    co_return outcome(wake, "reading");
}

asio::awaitable<Result<void>> SocketStream::wait_output(Limit limit) {
    if (auto error = refusal()) co_return std::move(*error);
    if (core_->writable) co_return Result<void>{};
    core_->arm_write();
    const Wake wake = co_await core_->writer.wait(core_->loop, limit);
    co_return outcome(wake, "writing");
}

asio::awaitable<Result<void>> SocketStream::at_once() {
    auto error = refusal();
    if (error) co_return std::move(*error);
    co_return Result<void>{};
}

asio::awaitable<Result<void>> SocketStream::wait_readable(Limit limit) {
    if (!ahead_.empty() || ended_ || has_pending()) return at_once();
    return read_wants_write_ ? wait_output(limit) : wait_input(limit);
}

asio::awaitable<Result<void>> SocketStream::wait_writable(Limit limit) {
    return write_wants_read_ ? wait_input(limit) : wait_output(limit);
}

void SocketStream::watch_peer(std::function<void()> gone) {
    if (!core_) return;
    gone_ = std::move(gone);
    if (core_->readable) {
        readable_unattended();
    } else {
        core_->arm_read();
    }
}

void SocketStream::peer_is_gone() {
    const auto gone = std::exchange(gone_, nullptr);
    gone();  // may destroy this stream: nothing comes after
}

// Reads on while watched, so that an end behind pipelined bytes is seen; a client that pipelines
// more than the bound is simply not watched any further.
void SocketStream::readable_unattended() {
    if (!gone_) return;
    char scratch[4096];
    while (ahead_.size() < max_ahead) {
        const auto got = receive({scratch, sizeof scratch});
        if (!got || *got == 0) {
            ended_ = got.has_value();
            peer_is_gone();
            return;
        }
        if (*got == would_block) {
            core_->arm_read();
            return;
        }
        ahead_.append(scratch, *got);
    }
}

}  // namespace ccr::net
