// SPDX-License-Identifier: MIT
#include "tests/mock/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "tests/mock/service.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t max_input = 256U << 20U;
constexpr std::int64_t poll_every_us = 2000;  // how often a waiting step looks again

}  // namespace

Connection::Connection(int fd, std::uint64_t id, Service& service)
    : fd_(fd), id_(id), service_(service) {
    ++service_.journal().connections;
    ++service_.journal().connections_open;
}

Connection::~Connection() {
    if (plan_) --service_.journal().streams_open;
    --service_.journal().connections_open;
    ::close(fd_);
}

Want Connection::on_readable(std::string& scratch, std::int64_t now_us) {
    while (true) {
        const auto got = ::recv(fd_, scratch.data(), scratch.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return Want::nothing;
        if (got <= 0) {
            peer_gone(now_us);
            return Want::close;
        }
        const auto size = static_cast<std::size_t>(got);
        const auto want = take_input(std::string_view(scratch.data(), size), now_us);
        if (want != Want::nothing || size < scratch.size()) return want;
    }
}

void Connection::peer_gone(std::int64_t now_us) {
    if (!plan_) return;
    ++service_.journal().aborted;
    if (!record_) return;
    record_->ended_after_ms = (now_us - record_->arrived_us) / 1000;
    record_->aborted = true;
}

// Parses straight from the receive buffer when it holds the whole request, which is the usual case.
Want Connection::take_input(std::string_view fresh, std::int64_t now_us) {
    if (plan_ || !in_.empty()) {
        in_.append(fresh);
        if (in_.size() > max_input) return Want::close;
        if (plan_ || in_.size() < need_) return Want::nothing;
        fresh = in_;
    }
    Request request;
    const auto parsed = parse_request(fresh, request);
    if (parsed.state == ParseState::bad) {
        ++service_.journal().bad_requests;
        return Want::close;
    }
    if (parsed.state == ParseState::need_more) {
        need_ = parsed.need;
        if (in_.empty()) in_ = fresh;
        if (parsed.expects_continue && !continue_sent_) {
            constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            ::send(fd_, go_on.data(), go_on.size(), MSG_NOSIGNAL);
            continue_sent_ = true;
        }
        return Want::nothing;
    }
    in_ = std::string(fresh.substr(parsed.consumed));
    start(std::move(request), now_us);
    return play(now_us);
}

void Connection::start(Request request, std::int64_t now_us) {
    need_ = 0;
    continue_sent_ = false;
    keep_alive_ = request.keep_alive;
    auto& journal = service_.journal();
    const bool control = request.path.rfind("/_mock/", 0) == 0;
    plan_ = service_.answer(request);
    ++journal.streams_open;
    if (!control) ++journal.requests;
    record_.reset();
    if (!control && journal.keeping()) record_ = journal.add(std::move(request), id_, now_us);
    step_ = 0;
    offset_ = 0;
    due_us_ = now_us;
    wait_until_us_ = 0;
}

void Connection::next_step() {
    ++step_;
    offset_ = 0;
    wait_until_us_ = 0;
}

Want Connection::play(std::int64_t now_us) {
    while (plan_ && !draining_) {
        if (due_us_ > now_us) return Want::timer;
        if (step_ >= plan_->steps.size()) return end_plan(now_us);
        const auto& step = plan_->steps[step_];
        switch (step.kind) {
            case StepKind::send:
                if (const auto want = send_step(step, now_us); want != Want::nothing) return want;
                break;
            case StepKind::delay:
                // Counted from the last due time, not from now: a stream keeps its pace when the
                // machine is late.
                due_us_ += std::int64_t{step.ms} * 1000;
                next_step();
                break;
            case StepKind::wait:
                if (const auto want = wait_step(step, now_us); want != Want::nothing) return want;
                break;
            case StepKind::reset: {
                const linger hard{1, 0};
                ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
                return broken_off(now_us);
            }
            case StepKind::close:
                return broken_off(now_us);
            case StepKind::half_close:
                ::shutdown(fd_, SHUT_WR);
                [[fallthrough]];
            case StepKind::hang:
                draining_ = true;
                break;
        }
    }
    return Want::nothing;
}

Want Connection::send_step(const Step& step, std::int64_t now_us) {
    while (offset_ < step.bytes.size()) {
        auto size = step.bytes.size() - offset_;
        if (step.piece > 0) size = std::min<std::size_t>(size, step.piece);
        const auto sent = ::send(fd_, step.bytes.data() + offset_, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return Want::write_ready;
        if (sent < 0) {
            peer_gone(now_us);
            return Want::close;
        }
        offset_ += static_cast<std::size_t>(sent);
        if (record_) record_->bytes_sent += static_cast<std::uint64_t>(sent);
        if (step.piece == 0 || step.ms == 0) continue;
        due_us_ = now_us + std::int64_t{step.ms} * 1000;
        if (offset_ < step.bytes.size()) return Want::timer;
    }
    next_step();
    return Want::nothing;
}

Want Connection::wait_step(const Step& step, std::int64_t now_us) {
    if (wait_until_us_ == 0) wait_until_us_ = now_us + std::int64_t{step.ms} * 1000;
    if (step.ready()) {
        next_step();
        return Want::nothing;
    }
    if (step.ms > 0 && now_us >= wait_until_us_) {
        ::send(fd_, step.bytes.data(), step.bytes.size(), MSG_NOSIGNAL);
        return end_plan(now_us);
    }
    due_us_ = now_us + poll_every_us;
    return Want::timer;
}

// Our own fault, not the client's: neither finished nor aborted.
Want Connection::broken_off(std::int64_t now_us) {
    if (record_) record_->ended_after_ms = (now_us - record_->arrived_us) / 1000;
    return Want::close;
}

Want Connection::end_plan(std::int64_t now_us) {
    const bool close = plan_->close_at_end || !keep_alive_;
    plan_.reset();
    --service_.journal().streams_open;
    ++service_.journal().finished;
    if (record_) {
        record_->ended_after_ms = (now_us - record_->arrived_us) / 1000;
        record_->finished = true;
        record_.reset();
    }
    if (close) return Want::close;
    if (in_.empty()) return Want::nothing;
    const std::string pipelined = std::move(in_);
    in_.clear();
    return take_input(pipelined, now_us);
}

}  // namespace ccr::mock
