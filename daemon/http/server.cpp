// SPDX-License-Identifier: MIT
#include "daemon/http/server.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "common/error_body.hpp"
#include "common/log.hpp"
#include "common/text.hpp"
#include "daemon/http/parser.hpp"

namespace ccr::http {
namespace {

using net::Buffer;

// Room for parsers that read past the end of a body in place.
constexpr std::size_t body_padding = 64;
// A declared length is believed up to here; beyond it the body grows as its bytes come.
constexpr std::size_t trusted_length = std::size_t{1} << 20U;
// While draining: for the request of a client that has just connected.
constexpr Millis first_request_limit{1'000};

// Why a connection's reading stopped. A fault is answered, an end is not.
struct Stop {
    int status = 0;  // 0: just close
    ErrorKind kind = ErrorKind::invalid_request;
    std::string message;
};

Stop fault(int status, ErrorKind kind, std::string_view message) {
    return {status, kind, std::string(message)};
}

Stop bad_request(std::string_view message) {
    return fault(400, ErrorKind::invalid_request, message);
}

class Connection final : net::Resident {
  public:
    Connection(net::Stream& stream, net::Loop& loop, const Service& service)
        : net::Resident(loop),
          stream_(stream),
          loop_(loop),
          service_(service),
          options_(service.options) {}

    asio::awaitable<void> run(net::ActiveToken active);

  private:
    void on_drain() override;
    void on_interrupt() override;
    [[nodiscard]] asio::awaitable<std::optional<Stop>> read_request(Request& request,
                                                                    net::ActiveToken& active);
    [[nodiscard]] asio::awaitable<std::optional<Stop>> first_byte();
    [[nodiscard]] asio::awaitable<std::optional<Stop>> read_head(HeadScanner& scanner);
    [[nodiscard]] asio::awaitable<std::optional<Stop>> read_body(Request& request,
                                                                 RequestParser& parser);
    [[nodiscard]] asio::awaitable<std::optional<Stop>> expectation(const Request& request);
    [[nodiscard]] asio::awaitable<bool> answer(Request& request);
    [[nodiscard]] asio::awaitable<void> refuse(Request& request, Stop stop);
    [[nodiscard]] asio::awaitable<void> linger();
    [[nodiscard]] asio::awaitable<Result<std::size_t>> receive(net::Limit limit);

    [[nodiscard]] std::string_view pending() const {
        return {buffer_.data() + begin_, end_ - begin_};
    }
    void skip_blank_lines();
    void let_go_if_empty();
    [[nodiscard]] bool wants_close(const Request& request) const;

    net::Stream& stream_;
    net::Loop& loop_;
    const Service& service_;
    const ServerOptions& options_;
    Buffer buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    Reply* reply_ = nullptr;  // the one being given
    bool idle_ = false;       // waits for a request
    bool served_ = false;     // had a request before
};

void Connection::let_go_if_empty() {
    if (begin_ != end_) return;
    begin_ = end_ = 0;
    buffer_.reset();
}

asio::awaitable<Result<std::size_t>> Connection::receive(net::Limit limit) {
    if (!buffer_) buffer_ = loop_.buffers().take();
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::span<char> room = buffer_.span().subspan(end_);
    auto got = co_await stream_.read_some(room, limit);
    if (got) end_ += *got;
    co_return got;
}

asio::awaitable<std::optional<Stop>> Connection::first_byte() {
    skip_blank_lines();
    if (begin_ != end_) co_return std::nullopt;
    let_go_if_empty();
    idle_ = true;
    // While draining: one look for a request that came in at the last moment.
    const Millis last_look = served_ ? Millis{0} : first_request_limit;
    const bool late = loop_.draining();
    const Millis limit = late ? last_look : options_.idle_timeout;
    auto ready = co_await stream_.wait_readable(limit);
    if (!ready && !late && loop_.draining() && !loop_.stopping()) {
        stream_.clear_cancel();
        ready = co_await stream_.wait_readable(last_look);
    }
    idle_ = false;
    if (!ready) co_return Stop{};
    co_return std::nullopt;
}

void Connection::on_drain() {
    if (idle_) stream_.cancel(ErrorKind::unavailable);
}

void Connection::on_interrupt() {
    if (reply_) reply_->notify_interrupt();
}

// RFC 9112 2.2: an empty line before a request line is ignored.
void Connection::skip_blank_lines() {
    while (pending().starts_with("\r\n"))
        begin_ += 2;
}

asio::awaitable<std::optional<Stop>> Connection::read_head(HeadScanner& scanner) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + options_.header_timeout;
    const std::size_t limit = std::min(options_.header_limit, net::BufferPool::block - 1);
    for (;;) {
        const auto state = scanner.scan(pending());
        if (state == HeadScanner::State::bad) co_return bad_request("bare LF in the message head");
        const bool complete = state == HeadScanner::State::complete;
        if ((complete ? scanner.size() : pending().size()) > limit) {
            co_return fault(431, ErrorKind::header_too_large, "the request head is too large");
        }
        if (complete) co_return std::nullopt;
        // A TLS hello or other binary protocol would otherwise sit here until the deadline.
        // An empty line in front of a request is legal.
        const char first = pending().empty() ? '\r' : pending().front();
        if (static_cast<unsigned char>(first) < 0x20 && first != '\r' && first != '\n') {
            co_return bad_request("this port speaks plain HTTP, not TLS");
        }
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
        const Millis wait = std::max(left, Millis{0});
        auto got = co_await receive(wait);
        if (!got && got.error().kind == ErrorKind::timeout) {
            if (pending().empty()) co_return Stop{};
            co_return fault(408, ErrorKind::request_timeout, "the request head did not arrive");
        }
        if (!got || *got == 0) co_return Stop{};
        if (pending().starts_with("\r\n")) {
            skip_blank_lines();
            scanner = HeadScanner{};  // may have seen the first half of a blank line
        }
    }
}

bool Connection::wants_close(const Request& request) const {
    if (loop_.draining()) return true;
    if (request.headers.has_token("connection", "close")) return true;
    return request.version == 10 && !request.headers.has_token("connection", "keep-alive");
}

asio::awaitable<std::optional<Stop>> Connection::expectation(const Request& request) {
    const auto expect = request.headers.find("expect");
    if (!expect || request.version == 10) co_return std::nullopt;
    if (!iequals(*expect, "100-continue")) {
        co_return fault(417, ErrorKind::invalid_request, "only Expect: 100-continue is known");
    }
    if (begin_ != end_) co_return std::nullopt;  // the body is on its way already
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const asio::const_buffer bytes = asio::buffer(go_on.data(), go_on.size());
    const std::span<const asio::const_buffer> one(&bytes, 1);
    auto sent = co_await stream_.write(one, options_.write_timeout);
    if (!sent) co_return Stop{};
    co_return std::nullopt;
}

asio::awaitable<std::optional<Stop>> Connection::read_body(Request& request,
                                                           RequestParser& parser) {
    parser.eager(true);
    while (!parser.is_done()) {
        boost::beast::error_code error;
        if (begin_ != end_) {
            begin_ += parser.put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
        }
        if (parser.is_done()) break;
        if (parser.too_large()) {
            co_return fault(413, ErrorKind::too_large, "the request body is too large");
        }
        if (error && error != beast_http::error::need_more) {
            co_return bad_request("malformed chunk in the request body");
        }
        if (end_ - begin_ == net::BufferPool::block) {
            co_return bad_request("oversized chunk header in the request body");
        }
        auto got = co_await receive(options_.body_timeout);
        if (!got && got.error().kind == ErrorKind::timeout) {
            co_return fault(408, ErrorKind::request_timeout, "the request body did not arrive");
        }
        if (!got || *got == 0) co_return Stop{};
    }
    request.body.reserve(request.body.size() + body_padding);
    co_return std::nullopt;
}

asio::awaitable<std::optional<Stop>> Connection::read_request(Request& request,
                                                              net::ActiveToken& active) {
    request.id = loop_.ids().request_id();
    auto stop = co_await first_byte();
    if (stop) co_return stop;
    if (!active) active = net::ActiveToken(loop_);
    HeadScanner scanner;
    stop = co_await read_head(scanner);
    if (stop) co_return stop;
    const std::string_view head = pending().substr(0, scanner.size());
    const HeadFault wrong = check_request_head(head);
    if (wrong.status) co_return fault(wrong.status, ErrorKind::invalid_request, wrong.message);
    request.headers.reserve(24, head.size());
    RequestParser parser(request, net::BufferPool::block, options_.body_limit);
    boost::beast::error_code error;
    begin_ += parser.put(asio::buffer(head.data(), head.size()), error);
    if (error && error != beast_http::error::need_more) {
        co_return bad_request("malformed request: " + error.message());
    }
    if (parser.is_done()) co_return std::nullopt;
    const auto length = parser.content_length();
    if (length && *length > options_.body_limit) {
        co_return fault(413, ErrorKind::too_large, "the request body is too large");
    }
    stop = co_await expectation(request);
    if (stop) co_return stop;
    if (length) {
        const auto trusted = std::min<std::uint64_t>(*length, trusted_length);
        request.body.reserve(static_cast<std::size_t>(trusted) + body_padding);
    }
    stop = co_await read_body(request, parser);
    co_return stop;
}

asio::awaitable<void> Connection::linger() {
    // Closing with unread bytes resets the connection, and the client may lose the reply with it.
    stream_.shutdown_send();
    const SteadyTime deadline = std::chrono::steady_clock::now() + options_.linger;
    for (;;) {
        begin_ = end_ = 0;
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
        if (left <= Millis{0}) co_return;
        auto got = co_await receive(left);
        if (!got || *got == 0) co_return;
    }
}

asio::awaitable<void> Connection::refuse(Request& request, Stop stop) {
    if (stop.status == 0) co_return;
    const Error error{stop.kind, std::move(stop.message)};
    Reply reply(stream_, loop_, request, options_.write_timeout, true);
    if (traits(error.kind).status == stop.status) {
        auto sent = co_await reply.send_error(error);
        if (!sent) co_return;
    } else {
        Headers headers;
        headers.add("content-type", "application/json");
        const std::string body = error_body(error, request.id);
        auto sent = co_await reply.send(stop.status, headers, body);
        if (!sent) co_return;
    }
    co_await linger();
}

// True if the connection can take another request.
asio::awaitable<bool> Connection::answer(Request& request) {
    Reply reply(stream_, loop_, request, options_.write_timeout, wants_close(request));
    reply_ = &reply;
    stream_.watch_peer([&reply] { reply.notify_peer_gone(); });
    bool failed = false;
    try {
        co_await service_.handler(request, reply);
    } catch (const std::exception& error) {
        log::error("defect: request " + request.id + " ended by " + error.what());
        failed = true;
    }
    reply_ = nullptr;
    served_ = true;
    stream_.unwatch_peer();
    if (reply.complete()) co_return reply.keeps_alive();
    if (!reply.started()) {
        const char* why = failed ? "the router failed on this request" : "no answer was given";
        const Error error{ErrorKind::internal, why};
        auto sent = co_await reply.send_error(error);
        if (sent) co_await linger();
        co_return false;
    }
    reply.abort();
    co_return false;
}

asio::awaitable<void> Connection::run(net::ActiveToken active) {
    if (!active) active = net::ActiveToken(loop_);
    for (bool more = true; more;) {
        Request request;
        auto stop = co_await read_request(request, active);
        if (stop) {
            co_await refuse(request, std::move(*stop));
            co_return;
        }
        let_go_if_empty();
        more = co_await answer(request);
        active.reset();
    }
}

}  // namespace

asio::awaitable<void> serve(std::unique_ptr<net::Stream> stream, net::Loop& loop,
                            std::shared_ptr<const Service> service, net::ActiveToken active) {
    Connection connection(*stream, loop, *service);
    co_await connection.run(std::move(active));
    stream->close();
}

}  // namespace ccr::http
