// SPDX-License-Identifier: MIT
#include "daemon/net/waiter.hpp"

#include <utility>

#include "daemon/net/stream.hpp"

namespace ccr::net {

void CancelScope::cancel() {
    if (cancelled_) return;
    cancelled_ = true;
    if (waiter_ && waiter_->waiting()) waiter_->wake(Wake::cancelled);
    if (stream_) stream_->cancel(ErrorKind::cancelled);
}

void CancelScope::watch(Stream* stream) {
    stream_ = stream;
    if (stream && cancelled_) stream->cancel(ErrorKind::cancelled);
}

void Waiter::link(Loop& loop) {
    loop_ = &loop;
    before_ = nullptr;
    after_ = loop.waiting_;
    if (after_) after_->before_ = this;
    loop.waiting_ = this;
}

void Waiter::unlink() {
    if (before_) {
        before_->after_ = after_;
    } else {
        loop_->waiting_ = after_;
    }
    if (after_) after_->before_ = before_;
    before_ = after_ = nullptr;
}

asio::awaitable<Wake> Waiter::wait(Loop& loop, Limit limit, CancelScope* scope) {
    if (loop.stopping_ || (scope && scope->cancelled_)) co_return Wake::cancelled;
    if (pending_) co_return *std::exchange(pending_, std::nullopt);
    loop.wheel().arm(*this, limit);
    link(loop);
    if (scope) scope->waiter_ = this;
    auto keep = [this](Resume resume) { resume_.emplace(std::move(resume)); };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(keep),
                                                                         asio::use_awaitable);
    if (scope) scope->waiter_ = nullptr;
    co_return reason_;
}

Waiter::Resume Waiter::end(Wake reason) {
    reason_ = reason;
    disarm();
    unlink();
    Resume resume = std::move(*resume_);
    resume_.reset();
    return resume;
}

void Waiter::wake(Wake reason) {
    if (!resume_) {
        if (reason == Wake::ready) pending_ = reason;
        return;
    }
    Loop& loop = *loop_;
    loop.post([resume = end(reason)]() mutable { resume(); });
}

void Waiter::wake_inline(Wake reason) {
    if (!resume_) {
        if (reason == Wake::ready) pending_ = reason;
        return;
    }
    Resume resume = end(reason);
    resume();
}

asio::awaitable<Result<void>> sleep_for(Loop& loop, Millis time, CancelScope* scope) {
    Waiter nobody;
    const Wake end = co_await nobody.wait(loop, time, scope);
    if (end == Wake::cancelled) co_return Error{ErrorKind::cancelled, "cancelled while waiting"};
    co_return Result<void>{};
}

}  // namespace ccr::net
