// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>

#include "common/text.hpp"
#include "daemon/http/server.hpp"

namespace ccr::http {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

// A value that came from elsewhere must not be able to start a header of its own.
void append_line(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    const auto at = out.size();
    out += value;
    for (auto i = at; i < out.size(); ++i) {
        if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
    }
    out += crlf;
}

asio::const_buffer view(std::string_view text) {
    return asio::buffer(text.data(), text.size());
}

std::string_view hex_size(std::array<char, 20>& room, std::size_t size) {
    char* const end = std::to_chars(room.data(), room.data() + 16, size, 16).ptr;
    end[0] = '\r';
    end[1] = '\n';
    return {room.data(), static_cast<std::size_t>(end - room.data()) + 2};
}

}  // namespace

Reply::Reply(net::Stream& stream, net::Loop& loop, const Request& request, Millis write_timeout,
             bool close_after)
    : stream_(stream),
      loop_(loop),
      request_(request),
      write_timeout_(write_timeout),
      close_after_(close_after) {}

bool Reply::bodyless() const {
    return request_.method == "HEAD" || status_ == 204 || status_ == 304;
}

void Reply::build_head(int status, const Headers& headers, std::string_view length) {
    status_ = status;
    started_ = true;
    if (loop_.draining()) close_after_ = true;
    head_.reserve(256 + headers.size() * 48);
    head_ = "HTTP/1.1 ";
    append_number(head_, status);
    head_ += ' ';
    head_ += reason_phrase(status);
    head_ += crlf;
    for (const auto [name, value] : headers)
        append_line(head_, name, value);
    if (!headers.has("request-id")) append_line(head_, "request-id", request_.id);
    if (!headers.has("date")) append_line(head_, "date", loop_.http_date());
    if (status != 204) head_ += length;
    if (close_after_) {
        head_ += "connection: close\r\n";
    } else if (request_.version == 10) {
        head_ += "connection: keep-alive\r\n";
    }
    head_ += crlf;
}

asio::awaitable<Result<void>> Reply::put(std::span<const asio::const_buffer> buffers) {
    if (failed_) co_return Error{ErrorKind::reset, "the reply has failed already"};
    head_sent_ = true;
    Result<void> done;
    if (!detached_) done = co_await stream_.write(buffers, write_timeout_);
    release(head_);  // a long stream need not keep its room
    if (!done && overheard()) {
        detached_ = peer_gone_ = true;
        done = Result<void>{};
    }
    failed_ = write_failed_ = !done;
    co_return done;
}

asio::awaitable<Result<void>> Reply::send(int status, const Headers& headers,
                                          std::string_view body) {
    std::string length = "content-length: ";
    append_number(length, body.size());
    length += crlf;
    build_head(status, headers, length);
    if (tap_) {
        tap_->on_head(status, headers, false);
        tap_->on_body(body);
        tap_->on_end(true);
    }
    std::array<asio::const_buffer, 2> buffers{view(head_), view(body)};
    const std::size_t count = bodyless() || body.empty() ? 1 : 2;
    const std::span<const asio::const_buffer> parts(buffers.data(), count);
    auto done = co_await put(parts);
    complete_ = done.has_value();
    if (complete_ && count == 2) body_bytes_ += body.size();
    co_return done;
}

asio::awaitable<Result<void>> Reply::send_error(const Error& error) {
    const Headers none;
    co_return co_await send_error(error, none);
}

asio::awaitable<Result<void>> Reply::send_error(const Error& error, const Headers& extra) {
    if (started_) co_return Error{ErrorKind::internal, "the reply has begun already"};
    Headers headers = extra;
    headers.set("content-type", "application/json");
    const std::string body = errors_->body(error, request_.id);
    const int status = errors_->status(error.kind);
    co_return co_await send(status, headers, body);
}

asio::awaitable<Result<void>> Reply::start(int status, const Headers& headers) {
    chunked_ = request_.version >= 11;
    if (!chunked_) close_after_ = true;
    build_head(status, headers, chunked_ ? "transfer-encoding: chunked\r\n" : "");
    if (tap_) tap_->on_head(status, headers, true);
    co_return Result<void>{};
}

asio::awaitable<Result<void>> Reply::write(std::string_view bytes, bool last) {
    return write_parts(bytes, {}, last);
}

asio::awaitable<Result<void>> Reply::write_both(std::string_view first, std::string_view second) {
    return write_parts(first, second, false);
}

// One gather write whatever there is to say: head, chunk frame, bytes, end.
asio::awaitable<Result<void>> Reply::write_parts(std::string_view first, std::string_view second,
                                                 bool last) {
    if (tap_ && tap_->full()) {
        auto room = co_await tap_->wait_for_room();
        if (!room) co_return room;
    }
    if (tap_) tap_->on_body(first);
    if (tap_ && !second.empty()) tap_->on_body(second);
    if (tap_ && last) tap_->on_end(true);
    std::array<asio::const_buffer, 6> buffers;
    std::array<char, 20> size_room;
    std::size_t count = 0;
    if (!head_.empty()) buffers[count++] = view(head_);
    const std::size_t size = first.size() + second.size();
    const bool silent = bodyless();
    if (size > 0 && !silent) {
        if (chunked_) buffers[count++] = view(hex_size(size_room, size));
        buffers[count++] = view(first);
        if (!second.empty()) buffers[count++] = view(second);
        if (chunked_) buffers[count++] = view(last ? "\r\n0\r\n\r\n" : crlf);
    } else if (last && chunked_ && !silent) {
        buffers[count++] = view(last_chunk);
    }
    const std::span<const asio::const_buffer> parts(buffers.data(), count);
    auto done = co_await put(parts);
    if (done && !silent) body_bytes_ += size;
    if (done && last) complete_ = true;
    co_return done;
}

Reply::Tried Reply::try_write(std::string_view bytes) {
    const bool plain = head_sent_ && head_.empty() && chunked_ && !bodyless() && !bytes.empty();
    if (!plain || failed_ || !rest_.empty()) return Tried::not_now;
    if (detached_ || (tap_ && tap_->full())) return Tried::not_now;
    std::array<char, 20> size_room;
    const std::array<std::string_view, 3> parts{hex_size(size_room, bytes.size()), bytes, crlf};
    const std::array<asio::const_buffer, 3> buffers{view(parts[0]), view(parts[1]), view(parts[2])};
    const auto sent = stream_.try_write(buffers);
    if (!sent || *sent == net::Stream::would_block) return Tried::not_now;
    if (tap_) tap_->on_body(bytes);
    body_bytes_ += bytes.size();
    std::size_t skip = *sent;
    for (const auto part : parts) {
        rest_ += part.substr(std::min(skip, part.size()));
        skip -= std::min(skip, part.size());
    }
    return rest_.empty() ? Tried::all : Tried::rest_kept;
}

asio::awaitable<Result<void>> Reply::flush() {
    if (head_.empty() && rest_.empty()) co_return Result<void>{};
    const asio::const_buffer pending = view(head_.empty() ? rest_ : head_);
    const std::span<const asio::const_buffer> parts(&pending, 1);
    auto done = co_await put(parts);
    release(rest_);
    co_return done;
}

asio::awaitable<Result<void>> Reply::finish() {
    if (complete_) co_return Result<void>{};
    co_return co_await write({}, true);
}

void Reply::abort() {
    failed_ = true;
    if (tap_) tap_->on_end(false);
    // Without chunks the end of the body is the end of the connection: only a reset tells.
    if (head_sent_ && !chunked_) stream_.reset_on_close();
}

void Reply::on_peer_gone(std::function<void()> callback) {
    gone_callback_ = std::move(callback);
    if ((peer_gone() || interrupted()) && gone_callback_) gone_callback_();
}

void Reply::notify_peer_gone() {
    peer_gone_ = true;
    if (gone_callback_ && !overheard()) gone_callback_();
}

void Reply::notify_interrupt() {
    if (gone_callback_) gone_callback_();
}

void Reply::listeners_gone() {
    if (!peer_gone_) return;
    if (detached_) failed_ = write_failed_ = true;
    if (gone_callback_) gone_callback_();
}

}  // namespace ccr::http
