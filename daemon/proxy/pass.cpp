// SPDX-License-Identifier: MIT
// Pass-through: client and provider speak the same format, so the provider's bytes go out as they
// came, by whole frames. They are only watched, for the commit point, usage, and an end that is
// none.
#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/proxy/relay.hpp"
#include "daemon/proxy/upstream_headers.hpp"

namespace ccr::proxy {
namespace {

// What may come before the first content: message_start and pings.
constexpr std::size_t max_held = std::size_t{256} * 1024;
// A frame that is not complete waits for its end, so that an error event may be written instead.
// One that is larger goes out as it comes.
constexpr std::size_t max_tail = std::size_t{64} * 1024;
constexpr std::size_t max_body = std::size_t{64} << 20U;

class PassStream {
  public:
    PassStream(Attempt& attempt, const http::ResponseHead& head)
        : attempt_(attempt),
          turn_(attempt.turn()),
          client_(attempt.client()),
          tap_(turn_.door.tap(attempt.decode_options())) {
        keep_upstream_headers(head.headers, client_.extra_headers());
    }

    asio::awaitable<Outcome> run() {
        for (;;) {
            auto piece = co_await attempt_.read(nullptr, tap_->committed(), !in_frame_);
            if (!piece) {
                broken_ = attempt_.describe(piece.error());
                break;
            }
            if (piece->empty()) break;
            tap_->feed(*piece);
            auto passed = co_await pass(*piece);
            if (!passed) co_return gone(std::move(passed).error());
            if (tap_->error() || tap_->ended()) break;
        }
        end_bytes();
        turn_.usage = tap_->usage();
        co_return co_await conclude();
    }

  private:
    asio::awaitable<Result<void>> pass(std::string_view piece) {
        tail_ = tap_->unfinished();
        if (!tap_->committed()) {
            if (held_.size() + piece.size() > max_held) {
                co_return Error(ErrorKind::malformed, "too much before the first content");
            }
            held_ += piece;
            co_return Result<void>();
        }
        begun_ = true;
        turn_.commit();
        in_frame_ = tail_ > max_tail;
        const std::size_t kept = in_frame_ ? 0 : std::min(tail_, piece.size());
        const std::string_view whole = piece.substr(0, piece.size() - kept);
        if (whole.empty()) {
            held_ += piece;
            co_return Result<void>();
        }
        const std::string before = std::exchange(held_, std::string(piece.substr(whole.size())));
        co_return co_await client_.write_both(before, whole);
    }

    // What is behind the last whole frame: nothing if the answer ended there or was cut off, else a
    // frame that lacks its blank line.
    void end_bytes() {
        if (!broken_ && !tap_->ended() && !tap_->error()) {
            tap_->finish();
            if (tail_ > 0) held_ += "\n\n";
        } else if (!in_frame_) {
            held_.resize(held_.size() - std::min(tail_, held_.size()));
        }
    }

    // Why the answer is not whole; nothing if it is.
    [[nodiscard]] std::optional<Error> failure() const {
        if (tap_->error()) return tap_->error();
        if (tap_->complete() || tap_->ended()) return std::nullopt;
        if (broken_) return broken_;
        return Error(ErrorKind::eof, "the answer broke off before its end");
    }

    asio::awaitable<Outcome> conclude() {
        Outcome outcome;
        outcome.failure = failure();
        if (outcome.failure && !begun_) co_return outcome;
        outcome.settled = true;
        turn_.commit();
        const bool told = tap_->error() && tap_->told() && !tap_->overflowed();
        if (outcome.failure && !told) {
            co_await tell_broken(*outcome.failure);
            co_return outcome;
        }
        if (!outcome.failure && !tap_->ended()) held_ += turn_.door.end_mark;
        Result<void> last;
        if (!held_.empty()) last = co_await client_.write(held_);
        if (last) last = co_await client_.finish();
        if (!last) co_return gone(std::move(last).error());
        co_await attempt_.settle_connection();
        co_return outcome;
    }

    asio::awaitable<void> tell_broken(const Error& error) {
        if (in_frame_) {
            // Behind a part of a frame an error event would only be taken for its rest.
            turn_.reply.abort();
            co_return;
        }
        const std::string frame = tap_->error_frame(error, turn_.reply.request_id());
        co_await client_.fail(std::string_view(frame));
    }

    Outcome gone(Error error) {
        turn_.usage = tap_->usage();
        turn_.reply.abort();
        Outcome outcome;
        outcome.settled = true;
        outcome.failure = std::move(error);
        return outcome;
    }

    Attempt& attempt_;
    Turn& turn_;
    ClientStream& client_;
    std::unique_ptr<dialect::Tap> tap_;
    std::string held_;       // not sent: all before the first content, then the tail
    std::size_t tail_ = 0;   // so many of the bytes so far belong to a frame that is not complete
    bool begun_ = false;     // content has been sent
    bool in_frame_ = false;  // a part of it has been sent
    std::optional<Error> broken_;
};

}  // namespace

asio::awaitable<Outcome> pass_stream(Attempt& attempt, const http::ResponseHead& head) {
    auto relay = std::make_unique<PassStream>(attempt, head);
    co_return co_await relay->run();
}

asio::awaitable<Outcome> pass_body(Attempt& attempt, const http::ResponseHead& head) {
    Turn& turn = attempt.turn();
    std::string body;
    Outcome outcome;
    for (;;) {
        auto piece = co_await attempt.read(nullptr, true);
        if (!piece) {
            outcome.failure = attempt.describe(piece.error());
            co_return outcome;
        }
        if (piece->empty()) break;
        if (body.size() + piece->size() > max_body) {
            outcome.failure = Error(ErrorKind::malformed, "the answer is larger than 64 MiB");
            co_return outcome;
        }
        body += *piece;
    }
    const auto tap = turn.door.tap(attempt.decode_options());
    tap->body(body);
    turn.usage = tap->usage();
    if (tap->error()) {
        outcome.failure = tap->error();
        co_return outcome;
    }
    turn.commit();
    http::Headers headers{{"content-type", head.headers.get("content-type")}};
    turn.add_headers(headers);
    keep_upstream_headers(head.headers, headers);
    outcome.settled = true;
    auto sent = co_await turn.reply.send(200, headers, body);
    if (!sent) outcome.failure = std::move(sent).error();
    co_return outcome;
}

}  // namespace ccr::proxy
