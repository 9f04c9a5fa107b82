// SPDX-License-Identifier: MIT
#include "daemon/proxy/search_call.hpp"

#include <algorithm>

namespace ccr::proxy {
namespace {

constexpr std::size_t max_answer = std::size_t{4} * 1024 * 1024;
constexpr std::string_view user_agent = "ccrd/" CCR_VERSION;

std::string_view media_type(const http::ResponseHead& head) {
    return head.headers.get("content-type");
}

}  // namespace

SearchCall::SearchCall(Turn& turn)
    : turn_(turn),
      options_(turn.snapshot->config().web_search),
      exchange_(*turn.worker.shared->pool, *turn.worker.loop) {}

asio::awaitable<Result<std::vector<search::Hit>>> SearchCall::run(const search::Query& query,
                                                                  ClientStream& client,
                                                                  dialect::StreamWriter* writer) {
    client_ = &client;
    writer_ = writer;
    deadline_ = Clock::now() + options_.timeout;
    const search::Engine& engine = *search::find(options_.engine);
    const search::Request asked = engine.request(query, options_);
    http::Headers headers{{"accept", "application/json"},
                          {"accept-encoding", "gzip, deflate"},
                          {"user-agent", user_agent}};
    for (const auto& [name, value] : asked.headers)
        headers.add(name, value);
    http::ClientRequest request;
    request.origin = turn_.snapshot->search_origin.get();
    request.method = asked.method;
    request.target = asked.target;
    request.headers = &headers;
    if (!asked.body.empty()) request.body = {asked.body};
    request.timers.connect = std::min(request.timers.connect, options_.timeout);
    request.timers.write_stall = options_.timeout;
    const std::string name(config::engine_name(options_.engine));
    auto begun = co_await exchange_.begin(request);
    if (!begun) co_return begun.error().wrap(name + ": " + begun.error().detail);
    auto head = co_await this->head();
    if (!head) co_return head.error().wrap(name + ": " + head.error().detail);
    auto text = co_await body();
    if (!text) co_return text.error().wrap(name + ": " + text.error().detail);
    search::Reply reply;
    reply.status = head->status;
    reply.content_type = media_type(*head);
    reply.body = *text;
    co_return search::read_reply(engine, query, reply);
}

// Nothing came in a while: keeps the client alive, or gives up.
asio::awaitable<Result<void>> SearchCall::pause_over(const Error& failure) {
    if (failure.kind != ErrorKind::timeout) co_return failure;
    if (Clock::now() >= deadline_) {
        co_return Error(ErrorKind::timeout, "no answer within WebSearch.timeout_ms");
    }
    co_return co_await client_->keep_alive(writer_);
}

asio::awaitable<Result<http::ResponseHead>> SearchCall::head() {
    for (;;) {
        const auto now = Clock::now();
        const Millis left = std::max(std::chrono::ceil<Millis>(deadline_ - now), Millis{0});
        auto head = co_await exchange_.head(std::min(left, client_->patience(now)));
        if (head) co_return head;
        auto goes_on = co_await pause_over(head.error());
        if (!goes_on) co_return std::move(goes_on).error();
    }
}

asio::awaitable<Result<std::string>> SearchCall::body() {
    std::string text;
    for (;;) {
        const auto now = Clock::now();
        const Millis left = std::max(std::chrono::ceil<Millis>(deadline_ - now), Millis{0});
        auto piece = co_await exchange_.read(std::min(left, client_->patience(now)));
        if (piece && piece->empty()) co_return text;
        if (piece) {
            text += *piece;
            if (text.size() > max_answer) {
                co_return Error(ErrorKind::malformed, "the answer is larger than 4 MiB");
            }
            continue;
        }
        auto goes_on = co_await pause_over(piece.error());
        if (!goes_on) co_return std::move(goes_on).error();
    }
}

}  // namespace ccr::proxy
