// SPDX-License-Identifier: MIT
#include "daemon/http/client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <cstring>
#include <optional>
#include <utility>

#include "daemon/http/parser.hpp"
#include "daemon/http/request_head.hpp"

namespace ccr::http {
namespace {

using net::Buffer;
using net::Limit;

// How long a response is waited for after the upstream stopped taking the request: it may have
// refused it early, and its words are worth more than "connection reset".
constexpr Millis last_words{1'000};

Limit left_until(SteadyTime deadline) {
    const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    return std::max(left, Millis{0});
}

Error truncated() {
    return {ErrorKind::eof, "the provider closed the connection in the middle of its answer"};
}

}  // namespace

struct Exchange::Impl {
    Impl(net::Pool& from, net::Loop& on) : pool(from), loop(on) {}

    [[nodiscard]] asio::awaitable<Result<void>> start(bool fresh);
    [[nodiscard]] asio::awaitable<Result<void>> put();
    [[nodiscard]] asio::awaitable<Result<ResponseHead>> read_head(SteadyTime deadline);
    [[nodiscard]] bool stash_rest();
    [[nodiscard]] asio::awaitable<Result<void>> receive(Limit limit);
    [[nodiscard]] Result<std::string_view> conclude();
    [[nodiscard]] Result<void> parse();
    [[nodiscard]] Result<void> end_of_stream();
    [[nodiscard]] Result<std::string_view> decoded();
    [[nodiscard]] Result<ResponseHead> accept_head();
    void new_parser();
    [[nodiscard]] bool stale(const Error& error) const;
    void adopt(std::unique_ptr<net::Stream> next);
    void drop_stream();
    void settle();
    Error fail(Error error);

    net::Pool& pool;
    net::Loop& loop;
    net::CancelScope scope;
    const ClientRequest* request = nullptr;  // until the head is there
    std::optional<Error> unsent;             // the upstream stopped taking the request
    const net::Origin* origin = nullptr;
    std::unique_ptr<net::Stream> stream;
    Buffer in;
    std::size_t begin = 0, end = 0;
    std::array<char, 64> stash{};
    Buffer out;                // decoded bytes, while an Inflater is at work
    std::string_view encoded;  // received and not yet inflated; inside `in`
    std::optional<ResponseParser> parser;
    std::optional<Inflater> inflater;
    std::optional<Error> failure;
    std::uint64_t body_left = 0;
    bool reused = false;
    bool sent = false;
    bool answered = false;  // a response byte has come on this connection
    bool done = false;
};

void Exchange::Impl::adopt(std::unique_ptr<net::Stream> next) {
    stream = std::move(next);
    scope.watch(stream.get());
}

void Exchange::Impl::drop_stream() {
    scope.watch(nullptr);
    stream.reset();
}

Error Exchange::Impl::fail(Error error) {
    failure = error;
    drop_stream();
    return error;
}

// The message is complete: the connection goes back at once if it can serve another one.
void Exchange::Impl::settle() {
    if (done) return;
    done = true;
    const bool clean = begin == end && !unsent && !scope.cancelled() && parser->keep_alive();
    scope.watch(nullptr);
    if (clean && stream) pool.release(loop, *origin, std::move(stream));
    stream.reset();
}

// The end of a complete message as the caller sees it.
Result<std::string_view> Exchange::Impl::conclude() {
    if (inflater && !inflater->finished()) return fail(truncated());
    in.reset();
    return std::string_view{};
}

// An idle stream holds no buffer; the few bytes of an unfinished chunk frame wait in the stash.
// More than that keep the buffer.
bool Exchange::Impl::stash_rest() {
    const std::size_t kept = end - begin;
    const bool fits = kept <= stash.size();
    if (in) std::memmove(fits ? stash.data() : in.data(), in.data() + begin, kept);
    if (fits) in.reset();
    begin = 0;
    end = kept;
    return fits;
}

asio::awaitable<Result<void>> Exchange::Impl::receive(Limit limit) {
    const bool stashed = stash_rest();
    for (;;) {
        auto ready = co_await stream->wait_readable(limit);
        if (!ready) co_return ready;
        if (stashed && !in) {
            in = loop.buffers().take();
            std::memcpy(in.data(), stash.data(), end);
        }
        const std::span<char> room = in.span().subspan(end);
        if (room.empty()) co_return Error{ErrorKind::malformed, "oversized message part"};
        const auto got = stream->try_read(room);
        if (!got) co_return got.error();
        if (*got == net::Stream::would_block) continue;
        if (*got == 0) co_return Error{ErrorKind::eof, "end of stream"};
        answered = true;
        end += *got;
        co_return Result<void>{};
    }
}

Result<void> Exchange::Impl::parse() {
    if (!in || begin == end || parser->is_done()) return {};
    boost::beast::error_code error;
    begin += parser->put(asio::buffer(in.data() + begin, end - begin), error);
    if (!error || error == beast_http::error::need_more) return {};
    return Error{ErrorKind::malformed,
                 "the provider's answer is not valid HTTP: " + error.message()};
}

Result<void> Exchange::Impl::end_of_stream() {
    if (!parser->got_some()) return truncated();
    boost::beast::error_code error;
    parser->put_eof(error);
    if (error) return truncated();
    return {};
}

Result<ResponseHead> Exchange::Impl::accept_head() {
    ResponseHead head = std::move(parser->head());
    if (head.status == 101) {
        return Error{ErrorKind::malformed, "the provider switched protocols without being asked"};
    }
    body_left = request->limits.body;
    const auto coding = content_coding(head.headers.get("content-encoding"));
    if (coding == ContentCoding::identity || parser->is_done()) return head;
    if (coding == ContentCoding::unknown) {
        return Error{ErrorKind::malformed,
                     "the provider used a content-encoding that was not offered: " +
                         std::string(head.headers.get("content-encoding"))};
    }
    inflater.emplace(coding, request->limits.inflate);
    head.headers.remove("content-encoding");
    head.headers.remove("content-length");
    return head;
}

// A head that is only partly there when the time is up is read on with the next call.
asio::awaitable<Result<ResponseHead>> Exchange::Impl::read_head(SteadyTime deadline) {
    for (;;) {
        auto parsed = parse();
        if (!parsed) co_return std::move(parsed).error();
        if (parser->is_header_done()) {
            const int status = parser->head().status;
            const bool interim = status >= 100 && status < 200 && status != 101;
            if (!interim) break;
            new_parser();
            continue;
        }
        const Limit left = left_until(deadline);
        auto got = co_await receive(left);
        if (got) continue;
        if (got.error().kind == ErrorKind::eof) co_return truncated();
        if (got.error().kind == ErrorKind::timeout) {
            co_return Error{ErrorKind::timeout, "the provider did not begin to answer in time"};
        }
        co_return std::move(got).error();
    }
    parser->eager(true);
    co_return accept_head();
}

void Exchange::Impl::new_parser() {
    parser.emplace(request->limits.head, request->method == "HEAD");
    parser->eager(false);
}

asio::awaitable<Result<void>> Exchange::Impl::put() {
    const std::string head = request_head(*request);
    std::vector<asio::const_buffer> buffers;
    buffers.reserve(request->body.size() + 1);
    buffers.push_back(asio::buffer(head));
    for (const auto piece : request->body)
        buffers.emplace_back(piece.data(), piece.size());
    sent = true;
    auto written = co_await stream->write(buffers, request->timers.write_stall);
    co_return written;
}

// True for what a kept-alive connection does when the server closed it while the request was on its
// way: no answer at all.
bool Exchange::Impl::stale(const Error& error) const {
    return reused && !answered && !scope.cancelled() &&
           (error.kind == ErrorKind::reset || error.kind == ErrorKind::eof);
}

asio::awaitable<Result<void>> Exchange::Impl::start(bool fresh) {
    const Limit patience = request->timers.connect;
    auto connection = co_await pool.acquire(loop, *origin, patience, scope, fresh);
    if (!connection) co_return std::move(connection).error();
    reused = connection->reused;
    answered = false;
    begin = end = 0;
    unsent.reset();
    adopt(std::move(connection->stream));
    new_parser();
    auto written = co_await put();
    if (!written && written.error().kind != ErrorKind::cancelled) {
        // It may have refused the request early: head() looks for its words.
        unsent = std::move(written).error();
        co_return Result<void>{};
    }
    co_return written;
}

// Inflates what has been received; empty if more input is needed.
Result<std::string_view> Exchange::Impl::decoded() {
    if (!out) out = loop.buffers().take();
    auto made = inflater->inflate(encoded, out.span());
    if (!made) return std::move(made).error();
    if (*made == 0) out.reset();
    return std::string_view(out.data(), *made);
}

Exchange::Exchange(net::Pool& pool, net::Loop& loop) : impl_(std::make_unique<Impl>(pool, loop)) {}

Exchange::~Exchange() {
    impl_->drop_stream();
}

asio::awaitable<Result<void>> Exchange::begin(const ClientRequest& request) {
    Impl& impl = *impl_;
    if (!safe_head(request)) {
        co_return Error{ErrorKind::internal, "a request header holds a line break"};
    }
    impl.origin = request.origin;
    impl.request = &request;
    auto started = co_await impl.start(false);
    if (!started) co_return impl.fail(std::move(started).error());
    co_return started;
}

asio::awaitable<Result<ResponseHead>> Exchange::head(Limit limit) {
    Impl& impl = *impl_;
    if (impl.failure) co_return *impl.failure;
    const SteadyTime deadline =
        std::chrono::steady_clock::now() + (impl.unsent ? std::min(limit, last_words) : limit);
    auto head = co_await impl.read_head(deadline);
    if (!head && impl.stale(head.error())) {
        impl.drop_stream();
        auto started = co_await impl.start(true);
        if (!started) co_return impl.fail(std::move(started).error());
        head = co_await impl.read_head(deadline);
    }
    if (head) {
        impl.request = nullptr;
        if (impl.parser->is_done()) impl.settle();
        co_return head;
    }
    if (impl.unsent && !impl.answered) co_return impl.fail(*impl.unsent);
    if (head.error().kind == ErrorKind::timeout) co_return head;
    co_return impl.fail(std::move(head).error());
}

asio::awaitable<Result<ResponseHead>> Exchange::send(const ClientRequest& request) {
    auto begun = co_await begin(request);
    if (!begun) co_return std::move(begun).error();
    const Limit patience = request.timers.head;
    auto answer = co_await head(patience);
    if (!answer && answer.error().kind == ErrorKind::timeout) {
        co_return impl_->fail(std::move(answer).error());
    }
    co_return answer;
}

asio::awaitable<Result<std::string_view>> Exchange::read(Limit limit) {
    Impl& impl = *impl_;
    if (impl.failure) co_return *impl.failure;
    if (impl.scope.cancelled()) {
        co_return impl.fail({ErrorKind::cancelled, "the exchange was cancelled"});
    }
    for (;;) {
        if (!impl.encoded.empty() || impl.out) {
            auto piece = impl.decoded();
            if (!piece) co_return impl.fail(std::move(piece).error());
            if (!piece->empty()) co_return piece;
        }
        if (impl.done) co_return impl.conclude();
        auto parsed = impl.parse();
        if (!parsed) co_return impl.fail(std::move(parsed).error());
        const std::string_view raw = impl.parser->take();
        if (raw.size() > impl.body_left) {
            co_return impl.fail({ErrorKind::too_large, "the provider's answer is too large"});
        }
        impl.body_left -= raw.size();
        if (impl.parser->is_done()) impl.settle();
        if (!raw.empty()) {
            if (!impl.inflater) co_return raw;
            impl.encoded = raw;
            continue;
        }
        if (impl.done) continue;
        auto got = co_await impl.receive(limit);
        if (got) continue;
        if (got.error().kind == ErrorKind::timeout) co_return std::move(got).error();
        if (got.error().kind != ErrorKind::eof) co_return impl.fail(std::move(got).error());
        auto ended = impl.end_of_stream();
        if (!ended) co_return impl.fail(std::move(ended).error());
    }
}

asio::awaitable<Result<std::string>> Exchange::read_all(Limit limit, std::size_t max_bytes) {
    std::string all;
    for (;;) {
        auto piece = co_await read(limit);
        if (!piece) co_return std::move(piece).error();
        if (piece->empty()) co_return all;
        if (piece->size() > max_bytes - all.size()) {
            co_return impl_->fail({ErrorKind::too_large, "the provider's answer is too large"});
        }
        all += *piece;
    }
}

void Exchange::cancel() {
    impl_->scope.cancel();
}

bool Exchange::reused_connection() const {
    return impl_->reused;
}
bool Exchange::request_sent() const {
    return impl_->sent;
}
bool Exchange::complete() const {
    return impl_->done;
}

}  // namespace ccr::http
