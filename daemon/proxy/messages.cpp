// SPDX-License-Identifier: MIT
#include "daemon/proxy/messages.hpp"

#include "daemon/proxy/conclude.hpp"
#include "daemon/proxy/dedup.hpp"
#include "daemon/proxy/dispatch.hpp"
#include "daemon/proxy/routing.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {
namespace {

// Counts a request among those in flight for as long as it lives.
class Admission {
  public:
    explicit Admission(Shared& shared) : shared_(shared), count_(++shared.streams) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;
    ~Admission() { --shared_.streams; }
    [[nodiscard]] std::size_t count() const { return count_; }

  private:
    Shared& shared_;
    std::size_t count_;
};

// The answer to an identical request, if there is one under way.
std::shared_ptr<Broadcast> join(Turn& turn, const Result<void>& decoded, Leadership& leadership) {
    return decoded ? turn.worker.dedup->enter(turn, leadership) : nullptr;
}

}  // namespace

asio::awaitable<void> answer(Worker& worker, const dialect::Dialect& door, http::Request& request,
                             http::Reply& reply) {
    Admission admission(*worker.shared);
    Turn turn(worker, request, reply, door);
    if (admission.count() > turn.snapshot->config().server.max_streams) {
        Error error(ErrorKind::unavailable, "too many requests in flight; try again shortly");
        error.retry_after = Millis{1000};
        worker.stats->rejected(stats::Rejection::max_streams);
        co_await refuse(turn, error);
        turn.log_access();
        co_return;
    }
    auto decoded = turn.decode();
    Leadership leadership;
    for (auto leader = join(turn, decoded, leadership); leader;) {
        const bool followed = co_await follow(turn, leader);
        if (followed) {
            turn.log_access();
            co_return;
        }
        leader = worker.dedup->enter(turn, leadership);
    }
    Result<route::Plan> planned = Error();
    const auto rejection = decoded ? stats::Rejection::no_route : stats::Rejection::invalid_request;
    if (decoded) look_up_router(turn);
    if (!decoded) {
        planned = std::move(decoded).error();
    } else if (routes_at_once(turn)) {
        planned = choose_at_once(turn);
    } else {
        planned = co_await choose_route(turn);
    }
    if (planned) {
        turn.plan = std::move(*planned);
        turn.tell_route();
        co_await dispatch(turn);
    } else {
        worker.stats->rejected(rejection);
        co_await refuse(turn, planned.error());
    }
    remember_size(turn);
    tally_turn(turn);
    turn.log_access();
}

}  // namespace ccr::proxy
