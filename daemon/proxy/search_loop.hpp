// SPDX-License-Identifier: MIT
// An answer in several rounds: the model asks for web searches, the router makes them at the
// configured engine and gives it what was found, until it has said all. The client sees one answer
// with the searches in it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/proxy/attempt.hpp"
#include "daemon/proxy/search_filter.hpp"
#include "daemon/search/tool.hpp"

namespace ccr::proxy {

// What the relay of such an attempt goes by. What it adds to the conversation is gone with it, so
// that another target begins anew.
class SearchLoop {
  public:
    // Null where nobody's searches are made here.
    static std::unique_ptr<SearchLoop> of(Attempt& attempt, chat::EventSink& writer);
    SearchLoop(Attempt& attempt, chat::EventSink& writer);
    ~SearchLoop();
    SearchLoop(const SearchLoop&) = delete;
    SearchLoop& operator=(const SearchLoop&) = delete;

    // Where a round's events go.
    [[nodiscard]] chat::EventSink& sink() { return filter_; }
    [[nodiscard]] bool all_said() const { return filter_.all_said(); }

    // After a round that did not fail. A search is to be made.
    [[nodiscard]] bool search_due() const;
    // Makes it, and tells the writer. How it went is the model's affair; an error is that the
    // client has gone. `pinger` as in SearchCall.
    [[nodiscard]] asio::awaitable<Result<void>> search(dialect::StreamWriter* pinger);
    // When all are made: whether the model goes on. If not, the writer is given the end.
    [[nodiscard]] bool goes_on();
    // Sends what was found; the head of the answer. Once the client has seen something, a failure
    // that may pass is waited for, as Retry says.
    [[nodiscard]] asio::awaitable<Result<http::ResponseHead>> next_round(
        dialect::StreamWriter* pinger);

    // Why there is no next round, for the relay to keep.
    void fail(Error error) { failure_ = std::move(error); }
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  private:
    struct Found {
        std::string text;            // for the model
        std::string_view code = {};  // of a failure; a literal
        std::vector<search::Hit> hits;
    };

    [[nodiscard]] asio::awaitable<Result<Found>> look_up(const std::string& query,
                                                         dialect::StreamWriter* pinger);
    void echo(const SearchFilter::Call& call);
    void tell(std::string_view query, const Found& found);
    [[nodiscard]] bool may_pass(const Error& failure) const;
    void append();
    [[nodiscard]] chat::Block said(const SearchFilter::Part& part,
                                   const std::vector<std::string_view>& ids);
    [[nodiscard]] std::string_view id_of(const SearchFilter::Call& call);

    Attempt& attempt_;
    Turn& turn_;
    search::Terms terms_;
    SearchFilter filter_;
    std::vector<Found> results_;  // of the round's calls, as far as they are made
    std::size_t messages_before_;
    chat::ToolChoice choice_before_;
    std::vector<std::string_view> ids_;  // of all rounds; they are the request's
    std::optional<Error> failure_;
    std::int64_t uses_ = 0;
    unsigned rounds_ = 1;
};

}  // namespace ccr::proxy
