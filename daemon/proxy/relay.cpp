// SPDX-License-Identifier: MIT
#include "daemon/proxy/relay.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "daemon/dialect/sse.hpp"
#include "daemon/proxy/search_loop.hpp"

namespace ccr::proxy {
namespace {

// A whole answer is held in memory once; none comes near this.
constexpr std::size_t max_body = std::size_t{64} << 20U;
// What a stream keeps of its output buffer between events: room for the usual delta.
constexpr std::size_t max_kept = 512;

// Stands between decoder and writer and holds back the news that the answer failed: before the
// first content it is a matter of this attempt only, later the client is told in our words.
class Gate final : public chat::EventSink {
  public:
    explicit Gate(chat::EventSink& writer) : writer_(writer) {}

    void on(const chat::Event& event) override {
        if (const auto* failed = std::get_if<chat::Failed>(&event)) {
            if (!failure_) failure_ = failed->error;
            return;
        }
        if (const auto* ended = std::get_if<chat::Ended>(&event)) {
            ended_ = true;
            if (!ended->complete && !failure_) {
                failure_ = Error(ErrorKind::eof, "the answer broke off before its end");
            }
            if (failure_) return;
        }
        writer_.on(event);
    }

    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
    [[nodiscard]] bool ended() const { return ended_; }
    // A better reason than the decoder can know.
    void replace_failure(Error error) {
        if (failure_) failure_ = std::move(error);
    }

  private:
    chat::EventSink& writer_;
    std::optional<Error> failure_;
    bool ended_ = false;
};

// The provider's bytes as events, whether they come as a stream or as one JSON body.
class Feed {
  public:
    Feed(Attempt& attempt, const http::ResponseHead& head, chat::EventSink& sink)
        : decoder_(attempt.dialect().reply_decoder(attempt.decode_options())),
          filters_(attempt.filters(sink)),
          gate_(filters_.front()),
          events_(is_event_stream(head)) {}

    void bytes(std::string_view piece) {
        if (!events_) {
            body_.append(piece.substr(0, max_body + 1 - std::min(body_.size(), max_body)));
            return;
        }
        parser_.feed(piece);
        drain();
        if (parser_.overflowed()) {
            gate_.on(chat::Failed{Error(ErrorKind::malformed, "an event is larger than 16 MiB")});
        }
    }

    // No more bytes come: the body is complete, or `broken` says why not.
    void end(const Error* broken) {
        if (events_) {
            parser_.finish();
            drain();
        } else if (body_.size() > max_body) {
            gate_.on(chat::Failed{Error(ErrorKind::malformed, "the answer is larger than 64 MiB")});
        } else if (broken == nullptr) {
            decoder_->body(body_, gate_);
        }
        if (!gate_.ended()) decoder_->end(broken == nullptr, gate_);
        if (broken != nullptr) gate_.replace_failure(*broken);
    }

    [[nodiscard]] Gate& gate() { return gate_; }
    [[nodiscard]] bool over() const { return gate_.ended() || gate_.failure().has_value(); }

  private:
    void drain() {
        dialect::SseEvent event;
        while (!over() && parser_.next(event))
            decoder_->event(event.name, event.data, gate_);
    }

    std::unique_ptr<dialect::ReplyDecoder> decoder_;
    dialect::SseParser parser_;
    transform::Filters filters_;
    Gate gate_;
    std::string body_;
    bool events_;
};

class StreamRelay {
  public:
    StreamRelay(Attempt& attempt, const http::ResponseHead& head)
        : attempt_(attempt),
          turn_(attempt.turn()),
          writer_(turn_.door.stream_writer(attempt.reply_context())),
          loop_(SearchLoop::of(attempt, *writer_)),
          feed_(std::in_place, attempt, head, loop_ ? loop_->sink() : *writer_) {}

    asio::awaitable<Outcome> run() {
        for (bool more = true; more;) {
            while (!feed_->over() && !writer_->done()) {
                const bool all_said = loop_ && loop_->all_said();
                auto piece =
                    co_await attempt_.read(writer_.get(), writer_->committed(), true, all_said);
                take(piece);
                if (!writer_->committed()) continue;
                commit();
                if (flush_at_once()) continue;
                auto flushed = co_await flush();
                if (!flushed) co_return gone(std::move(flushed).error());
            }
            more = loop_ && !writer_->done() && !feed_->gate().failure();
            if (more) more = co_await another_round();
        }
        co_return co_await conclude();
    }

  private:
    // Makes the searches that the model asks for. False: the answer is over, or cannot go on.
    asio::awaitable<bool> another_round() {
        while (loop_->search_due()) {
            auto made = co_await loop_->search(writer_.get());
            if (made) {
                commit();
                made = co_await flush();
            }
            if (!made) {
                loop_->fail(attempt_.describe(made.error()));
                co_return false;
            }
        }
        if (!loop_->goes_on()) co_return false;
        auto head = co_await loop_->next_round(writer_.get());
        if (!head) {
            loop_->fail(std::move(head).error());
            co_return false;
        }
        feed_.emplace(attempt_, *head, loop_->sink());
        co_return true;
    }

    [[nodiscard]] const std::optional<Error>& failure() {
        const bool between_rounds = loop_ && loop_->failure();
        return between_rounds ? loop_->failure() : feed_->gate().failure();
    }

    void take(const Result<std::string_view>& piece) {
        if (!piece) {
            const Error broken = attempt_.describe(piece.error());
            feed_->end(&broken);
        } else if (piece->empty()) {
            feed_->end(nullptr);
        } else {
            feed_->bytes(*piece);
        }
    }

    // The writer goes on with the little of the request that it still needs.
    void commit() {
        if (digest_) return;
        digest_ = chat::reply_digest(*turn_.chat);
        writer_->use_digest(*digest_);
        turn_.commit();
    }

    // The usual case, without the cost of a coroutine: the socket takes all there is.
    bool flush_at_once() {
        std::string& out = writer_->output();
        if (out.empty()) return true;
        const auto tried = attempt_.client().try_write(out);
        if (tried == http::Reply::Tried::not_now) return false;
        out.clear();
        if (out.capacity() > max_kept) release(out);
        return tried == http::Reply::Tried::all;
    }

    asio::awaitable<Result<void>> flush() {
        std::string& out = writer_->output();
        if (out.empty()) co_return co_await attempt_.client().flush();
        auto written = co_await attempt_.client().write(out);
        out.clear();
        // Bursts must not leave every idle stream with a large buffer.
        if (out.capacity() > max_kept) release(out);
        co_return written;
    }

    asio::awaitable<Outcome> conclude() {
        turn_.usage = writer_->usage();
        Outcome outcome;
        const auto& failure = this->failure();
        if (failure && !writer_->committed()) {
            outcome.failure = failure;
            co_return outcome;
        }
        outcome.settled = true;
        commit();
        if (failure && !writer_->done()) {
            outcome.failure = failure;
            writer_->fail(*failure);
            co_await attempt_.client().fail(writer_->output());
            co_return outcome;
        }
        auto flushed = co_await flush();
        if (!flushed) co_return gone(std::move(flushed).error());
        auto finished = co_await attempt_.client().finish();
        if (!finished) co_return gone(std::move(finished).error());
        co_await attempt_.settle_connection();
        co_return outcome;
    }

    Outcome gone(Error error) {
        turn_.usage = writer_->usage();
        turn_.reply.abort();
        Outcome outcome;
        outcome.settled = true;
        outcome.failure = std::move(error);
        return outcome;
    }

    Attempt& attempt_;
    Turn& turn_;
    std::unique_ptr<dialect::StreamWriter> writer_;
    std::unique_ptr<SearchLoop> loop_;  // null: nobody's searches are made here
    std::unique_ptr<chat::Request> digest_;
    std::optional<Feed> feed_;  // of the round
};

}  // namespace

bool is_event_stream(const http::ResponseHead& head) {
    return !icontains(head.headers.get("content-type"), "json");
}

asio::awaitable<Outcome> relay(Attempt& attempt, const http::ResponseHead& head) {
    if (attempt.turn().stream) {
        if (attempt.byte_faithful() && is_event_stream(head)) {
            co_return co_await pass_stream(attempt, head);
        }
        co_return co_await relay_stream(attempt, head);
    }
    if (attempt.byte_faithful() && !is_event_stream(head)) {
        co_return co_await pass_body(attempt, head);
    }
    co_return co_await relay_body(attempt, head);
}

asio::awaitable<Outcome> relay_stream(Attempt& attempt, const http::ResponseHead& head) {
    auto relay = std::make_unique<StreamRelay>(attempt, head);
    co_return co_await relay->run();
}

namespace {

// A round of an answer that is given whole. What fails is in the feed's gate.
asio::awaitable<void> read_round(Attempt& attempt, Feed& feed) {
    while (!feed.over()) {
        auto piece = co_await attempt.read(nullptr, true);
        if (!piece) {
            const Error broken = attempt.describe(piece.error());
            feed.end(&broken);
        } else if (piece->empty()) {
            feed.end(nullptr);
        } else {
            feed.bytes(*piece);
        }
    }
}

// The rounds after the first one; why they came to no end, or nothing.
asio::awaitable<std::optional<Error>> search_on(Attempt& attempt, SearchLoop& loop) {
    for (;;) {
        while (loop.search_due()) {
            auto made = co_await loop.search(nullptr);
            if (!made) co_return attempt.describe(made.error());
        }
        if (!loop.goes_on()) co_return std::nullopt;
        auto head = co_await loop.next_round(nullptr);
        if (!head) co_return std::move(head).error();
        Feed feed(attempt, *head, loop.sink());
        co_await read_round(attempt, feed);
        if (feed.gate().failure()) co_return feed.gate().failure();
    }
}

}  // namespace

asio::awaitable<Outcome> relay_body(Attempt& attempt, const http::ResponseHead& head) {
    Turn& turn = attempt.turn();
    const auto writer = turn.door.body_writer(attempt.reply_context());
    const auto loop = SearchLoop::of(attempt, *writer);
    Outcome outcome;
    {
        Feed feed(attempt, head, loop ? loop->sink() : *writer);
        co_await read_round(attempt, feed);
        outcome.failure = feed.gate().failure();
    }
    if (loop && !outcome.failure) outcome.failure = co_await search_on(attempt, *loop);
    turn.usage = writer->usage();
    if (outcome.failure) co_return outcome;
    auto body = writer->finish();
    if (!body) {
        outcome.failure = std::move(body).error();
        co_return outcome;
    }
    turn.commit();
    http::Headers headers{{"content-type", "application/json"}};
    turn.add_headers(headers);
    outcome.settled = true;
    auto sent = co_await turn.reply.send(200, headers, *body);
    if (!sent) outcome.failure = std::move(sent).error();
    co_await attempt.settle_connection();
    co_return outcome;
}

}  // namespace ccr::proxy
