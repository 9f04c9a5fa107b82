// SPDX-License-Identifier: MIT
// GET /v1/usage: what has been served, over restarts. ?since= a span back from now (24h, 7d), RFC
// 3339 or Unix seconds; ?by= tier (default), model, route, preset or day.
#include <ctime>
#include <memory>

#include "daemon/api/endpoints.hpp"
#include "daemon/api/moment.hpp"
#include "daemon/net/waiter.hpp"
#include "daemon/store/history.hpp"

namespace ccr::api {
namespace {

constexpr Millis answer_limit{5'000};

// A question on its way to the history's thread and back. Ends on its loop: so does the waiter.
struct Inquiry {
    explicit Inquiry(net::Loop& home) : loop(home) {}

    net::Loop& loop;
    net::Waiter done;
    std::optional<Result<stats::UsageHistory>> answer;
};

bool ask(store::History& history, const stats::UsageQuestion& question,
         const std::shared_ptr<Inquiry>& inquiry) {
    return history.ask(question, [inquiry = inquiry](Result<stats::UsageHistory> answer) mutable {
        net::Loop& loop = inquiry->loop;
        loop.post([inquiry = std::move(inquiry), answer = std::move(answer)]() mutable {
            inquiry->answer = std::move(answer);
            inquiry->done.wake();
        });
    });
}

}  // namespace

asio::awaitable<Result<std::string>> usage_report(proxy::Worker& worker,
                                                  stats::UsageQuestion question) {
    const auto inquiry = std::make_shared<Inquiry>(*worker.loop);
    if (!ask(*worker.shared->history, question, inquiry)) {
        co_return Error(ErrorKind::unavailable, "too many ask for the usage; try again");
    }
    co_await inquiry->done.wait(*worker.loop, answer_limit);
    if (!inquiry->answer) {
        co_return Error(ErrorKind::unavailable, "the history of usage does not answer in time");
    }
    if (!*inquiry->answer) {
        co_return inquiry->answer->error().wrap(ErrorKind::unavailable,
                                                "the history of usage cannot be read");
    }
    co_return stats::usage(**inquiry->answer, question.by, worker.snapshot->slots.tiers(),
                           worker.shared->streams.load(std::memory_order_relaxed));
}

asio::awaitable<void> get_usage(proxy::Worker& worker, http::Request& request, http::Reply& reply) {
    auto question = stats::read_question(request.query_param("since"), request.query_param("by"),
                                         std::time(nullptr));
    Result<std::string> body = Error();
    if (question) {
        body = co_await usage_report(worker, *question);
    } else {
        body = std::move(question).error();
    }
    Result<void> sent;
    if (body) {
        const http::Headers headers{{"content-type", "application/json"}};
        sent = co_await reply.send(200, headers, *body);
    } else {
        sent = co_await reply.send_error(body.error());
    }
    if (!sent) reply.abort();
}

}  // namespace ccr::api
