// SPDX-License-Identifier: MIT
// The follower's side of a shared answer.
#include "common/log.hpp"
#include "daemon/proxy/client_stream.hpp"
#include "daemon/proxy/dedup.hpp"

namespace ccr::proxy {
namespace {

// The leader has deadlines of its own and always comes to an end.
constexpr Millis longest_answer{24LL * 3600 * 1000};

class Follower {
  public:
    Follower(Turn& turn, std::shared_ptr<Broadcast> broadcast)
        : turn_(turn), broadcast_(std::move(broadcast)) {}

    asio::awaitable<bool> run() {
        turn_.reply.on_peer_gone([this] { scope_.cancel(); });
        broadcast_->join(*turn_.worker.loop, box_);
        for (;;) {
            const net::Wake wake =
                co_await box_->arrival.wait(*turn_.worker.loop, longest_answer, &scope_);
            if (wake != net::Wake::ready) {
                broadcast_->leave(box_);
                co_await give_up();
                break;
            }
            Delivery delivery = std::move(box_->delivery);
            if (delivery.refused && !begun_) {
                turn_.reply.on_peer_gone(nullptr);
                co_return false;
            }
            auto passed = co_await pass(delivery);
            if (!passed || delivery.ended) {
                broadcast_->leave(box_);
                break;
            }
            broadcast_->want_more(box_);
        }
        turn_.reply.on_peer_gone(nullptr);
        co_return true;
    }

  private:
    asio::awaitable<Result<void>> pass(Delivery& delivery) {
        if (delivery.head) {
            begun_ = true;
            streamed_ = delivery.streamed;
            status_ = delivery.status;
            headers_ = std::move(*delivery.head);
            headers_.set("x-ccr-dedup", "follower");
            turn_.worker.stats->dedup_hit();
            turn_.follower = true;
            if (streamed_) {
                auto started = co_await turn_.reply.start(status_, headers_);
                if (!started) co_return started;
            }
        }
        if (delivery.ended && !delivery.complete) {
            turn_.failure = traits(ErrorKind::eof).name;
            turn_.reply.abort();
            co_return Result<void>();
        }
        if (!streamed_) {
            body_ += delivery.bytes;
            if (!delivery.ended) co_return Result<void>();
            co_return co_await turn_.reply.send(status_, headers_, body_);
        }
        auto written = co_await turn_.reply.write(delivery.bytes, delivery.ended);
        co_return written;
    }

    // The client has left, or the time to serve it is up.
    asio::awaitable<void> give_up() {
        turn_.failure = traits(ErrorKind::cancelled).name;
        if (turn_.reply.interrupted() && !turn_.reply.peer_gone()) {
            const Error error(ErrorKind::unavailable, "router is shutting down");
            turn_.failure = traits(error.kind).name;
            if (!turn_.reply.started()) {
                auto sent = co_await turn_.reply.send_error(error);
                if (sent) co_return;
            } else if (streamed_ && !(begun_ && turn_.door.numbers_events)) {
                // Else a broken connection says it: the events were not counted here.
                const std::string frame = turn_.door.error_frame(error, turn_.reply.request_id());
                auto sent = co_await turn_.reply.write(frame, true);
                if (sent) co_return;
            }
        }
        turn_.reply.abort();
    }

    Turn& turn_;
    std::shared_ptr<Broadcast> broadcast_;
    std::shared_ptr<LetterBox> box_ = std::make_shared<LetterBox>();
    net::CancelScope scope_;
    http::Headers headers_;
    std::string body_;
    int status_ = 0;
    bool begun_ = false;
    bool streamed_ = false;
};

}  // namespace

asio::awaitable<bool> follow(Turn& turn, std::shared_ptr<Broadcast> broadcast) {
    auto follower = std::make_unique<Follower>(turn, std::move(broadcast));
    const bool done = co_await follower->run();
    co_return done;
}

}  // namespace ccr::proxy
