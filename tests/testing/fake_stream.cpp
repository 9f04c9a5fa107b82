// SPDX-License-Identifier: MIT
#include "tests/testing/fake_stream.hpp"

#include <algorithm>
#include <cstring>

namespace ccr::testing {

namespace asio = boost::asio;

Result<std::size_t> FakeStream::try_read(std::span<char> into) {
    if (cancelled_) return Error{*cancelled_, "cancelled"};
    if (!turn_) return would_block;
    turn_ = false;
    if (wire_.script.empty()) return std::size_t{0};
    auto& step = wire_.script.front();
    if (step.failure) {
        const ErrorKind kind = *step.failure;
        wire_.script.pop_front();
        return Error{kind, "scripted"};
    }
    if (step.end) return std::size_t{0};
    const std::size_t size = std::min(into.size(), step.bytes.size());
    std::memcpy(into.data(), step.bytes.data(), size);
    step.bytes.erase(0, size);
    if (step.bytes.empty()) wire_.script.pop_front();
    return size;
}

asio::awaitable<Result<void>> FakeStream::wait_readable(net::Limit limit) {
    for (;;) {
        if (cancelled_) co_return Error{*cancelled_, "cancelled"};
        if (!wire_.script.empty() && wire_.script.front().failure == ErrorKind::timeout) {
            wire_.script.pop_front();
            co_return Error{ErrorKind::timeout, "scripted"};
        }
        if (!wire_.script.empty() || wire_.ends) break;
        wire_.arrival.forget();
        const net::Wake wake = co_await wire_.arrival.wait(loop_, limit);
        if (wake == net::Wake::timeout) co_return Error{ErrorKind::timeout, "limit"};
        if (wake == net::Wake::cancelled) {
            co_return Error{cancelled_.value_or(ErrorKind::cancelled), "cancelled"};
        }
    }
    turn_ = true;
    co_return Result<void>{};
}

asio::awaitable<Result<void>> FakeStream::wait_writable(net::Limit) {
    co_return Result<void>{};
}

Result<std::size_t> FakeStream::try_write(std::span<const asio::const_buffer> buffers) {
    if (cancelled_) return Error{*cancelled_, "cancelled"};
    ++wire_.writes;
    std::size_t size = 0;
    for (const auto& buffer : buffers) {
        const std::size_t take = std::min(buffer.size(), wire_.write_room);
        wire_.written.append(static_cast<const char*>(buffer.data()), take);
        wire_.write_room -= take;
        size += take;
        if (take < buffer.size()) break;
    }
    if (size == 0 && wire_.write_room == 0) return Error{wire_.write_failure, "scripted"};
    if (wire_.on_write) wire_.on_write();
    return size;
}

void FakeStream::cancel(ErrorKind why) {
    cancelled_ = why;
    if (wire_.arrival.waiting()) wire_.arrival.wake(net::Wake::cancelled);
}

}  // namespace ccr::testing
