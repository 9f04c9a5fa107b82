// SPDX-License-Identifier: MIT
#include "daemon/proxy/client_stream.hpp"

#include <algorithm>

namespace ccr::proxy {
namespace {

constexpr Millis forever{1LL << 40};

}  // namespace

Millis ClientStream::patience(Clock::time_point now) const {
    if (!turn_.stream) return forever;
    const auto& config = turn_.snapshot->config().stream;
    const auto due =
        open_ ? last_write_ + config.ping_interval : turn_.started + config.keep_alive_after;
    const auto left = std::chrono::ceil<Millis>(due - now);
    return std::max(left, Millis{1});
}

asio::awaitable<Result<void>> ClientStream::keep_alive(dialect::StreamWriter* writer) {
    if (patience(Clock::now()) > Millis{1}) co_return Result<void>();
    if (writer == nullptr) co_return co_await write(turn_.door.keep_alive);
    writer->ping();
    std::string frame = std::move(writer->output());
    writer->output().clear();
    co_return co_await write(frame);
}

asio::awaitable<Result<void>> ClientStream::open_head() {
    open_ = true;
    http::Headers headers{{"content-type", "text/event-stream; charset=utf-8"},
                          {"cache-control", "no-cache"},
                          {"x-accel-buffering", "no"}};
    turn_.add_headers(headers);
    for (const auto field : extra_)
        headers.set(field.name, field.value);
    co_return co_await turn_.reply.start(200, headers);
}

asio::awaitable<Result<void>> ClientStream::write(std::string_view bytes) {
    return write_both(bytes, {});
}

asio::awaitable<Result<void>> ClientStream::write_both(std::string_view first,
                                                       std::string_view second) {
    if (!open_) {
        auto started = co_await open_head();
        if (!started) co_return started;
    }
    last_write_ = Clock::now();
    co_return co_await turn_.reply.write_both(first, second);
}

http::Reply::Tried ClientStream::try_write(std::string_view bytes) {
    if (!open_) return http::Reply::Tried::not_now;
    const auto tried = turn_.reply.try_write(bytes);
    if (tried != http::Reply::Tried::not_now) last_write_ = Clock::now();
    return tried;
}

asio::awaitable<Result<void>> ClientStream::flush() {
    return turn_.reply.flush();
}

asio::awaitable<Result<void>> ClientStream::finish() {
    co_return co_await turn_.reply.finish();
}

asio::awaitable<void> ClientStream::fail(std::string_view frame) {
    auto written = co_await write(frame);
    if (written) {
        auto finished = co_await turn_.reply.finish();
        if (finished) co_return;
    }
    turn_.reply.abort();
}

asio::awaitable<void> ClientStream::fail(const Error& error) {
    const std::string frame = turn_.door.error_frame(error, turn_.reply.request_id());
    co_await fail(std::string_view(frame));
}

}  // namespace ccr::proxy
