// SPDX-License-Identifier: MIT
// GET /v1/events: what happens, as it happens, until the reader leaves or the daemon ends.
#include "daemon/control/verbs.hpp"
#include "daemon/proxy/event_feed.hpp"

namespace ccr::control {
namespace {

constexpr Millis silence{15'000};  // then a comment shows that the connection lives

std::string frames_of(const std::vector<proxy::EventFeed::Line>& lines) {
    if (lines.empty()) return ": quiet\n\n";
    std::string out;
    for (const auto& line : lines)
        out.append("data: ").append(*line).append("\n\n");
    return out;
}

// Leaves the feed however the reading ends.
class Seat {
  public:
    Seat(proxy::EventFeed& feed, net::Loop& loop) : feed_(feed), box_(feed.listen(loop)) {}
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() {
        if (box_) feed_.leave(box_);
    }
    [[nodiscard]] proxy::EventFeed::Box* box() const { return box_.get(); }

  private:
    proxy::EventFeed& feed_;
    std::shared_ptr<proxy::EventFeed::Box> box_;
};

}  // namespace

asio::awaitable<void> get_events(Desk& desk, http::Request& request, http::Reply& reply) {
    const http::Headers headers{{"content-type", "text/event-stream"},
                                {"cache-control", "no-store"}};
    if (request.method == "HEAD") {
        auto told = co_await reply.send(200, headers, "");
        static_cast<void>(told);  // a failed write shows in the reply's state
        co_return;
    }
    const Seat seat(desk.worker.shared->feed, reply.loop());
    if (seat.box() == nullptr) {
        const Error error(ErrorKind::unavailable, "too many follow the events already");
        auto refused = co_await reply.send_error(error);
        if (!refused) reply.abort();
        co_return;
    }
    net::CancelScope scope;
    reply.on_peer_gone([&scope] { scope.cancel(); });
    auto sent = co_await reply.start(200, headers);
    if (sent) sent = co_await reply.write(": listening\n\n");
    while (sent && !scope.cancelled()) {
        const auto lines = co_await seat.box()->take(silence, &scope);
        if (lines.empty() && scope.cancelled()) break;
        const std::string frames = frames_of(lines);
        sent = co_await reply.write(frames);
    }
    reply.on_peer_gone(nullptr);
    if (sent) sent = co_await reply.finish();
    if (!sent) reply.abort();
}

}  // namespace ccr::control
