// SPDX-License-Identifier: MIT
// One try at one target: encode, send, wait for the answer's head, relay. Until the first content
// goes to the client a failure is only an Outcome; the client has seen nothing of it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/http/client.hpp"
#include "daemon/proxy/client_stream.hpp"
#include "daemon/proxy/prepared.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/transform/chain.hpp"

namespace ccr::proxy {

struct Outcome {
    // The client has its answer: complete, or broken off visibly.
    bool settled = false;
    std::optional<Error> failure;
    // Nothing was sent: the target cannot do what the request asks for.
    bool unsendable = false;
    // A pass-through provider's own error answer, to be handed on as it is.
    int status = 0;
    std::string body;
    http::Headers headers;
};

class Attempt {
  public:
    // `prepared` for the target; `credential` is the index of the provider's key to use.
    Attempt(Turn& turn, ClientStream& client, const route::Target& target, Prepared& prepared,
            std::size_t credential);

    [[nodiscard]] asio::awaitable<Outcome> run();

    // For the relays.
    Turn& turn() { return turn_; }
    ClientStream& client() { return client_; }
    const dialect::Profile& profile() const { return prepared_.profile(); }
    const dialect::Dialect& dialect() const { return prepared_.dialect(); }
    const dialect::Encoded& encoded() const { return prepared_.encoded(); }
    bool pass_through() const { return prepared_.native(); }
    // The answer's bytes may go out as they come: no transformer wants to see inside.
    bool byte_faithful() const {
        return pass_through() && !filtered() && !encoded().reply_shows_more;
    }
    // See search_loop.hpp. The answer has more than one round then.
    bool searches() const { return prepared_.searches(); }
    bool echoes_search() const { return prepared_.echoes(); }
    // Sends the request as it is now, of the next round, to the same target. A refusal is an error.
    [[nodiscard]] asio::awaitable<Result<http::ResponseHead>> again(dialect::StreamWriter* writer);
    // Waits, with the client kept alive.
    [[nodiscard]] asio::awaitable<Result<void>> rest(Millis time, dialect::StreamWriter* writer);
    // The request is as it was before the first round: that has to be encoded when it is sent
    // again.
    void forget_encoded() { prepared_.forget(); }
    // What else has to end when the client goes; one at a time, null for nothing.
    void on_cancel(std::function<void()> action) { cancel_too_ = std::move(action); }
    [[nodiscard]] bool cancelled() const { return scope_.cancelled(); }
    // `writer` with the target's response filters in front of it.
    [[nodiscard]] transform::Filters filters(chat::EventSink& writer) const;
    // The next body bytes, with the client kept alive meanwhile. Empty: complete. `writer` makes
    // the keep-alive frames and may be null; `has_content` picks the deadline; without `may_ping`
    // nothing is written (the bytes so far end inside a frame); `all_said`: only usage may follow.
    [[nodiscard]] asio::awaitable<Result<std::string_view>> read(dialect::StreamWriter* writer,
                                                                 bool has_content,
                                                                 bool may_ping = true,
                                                                 bool all_said = false);
    // The answer is delivered: reads what little is left of the response, so that the connection
    // can be used again.
    [[nodiscard]] asio::awaitable<void> settle_connection();
    // A transport failure, with the provider's name in front.
    [[nodiscard]] Error describe(const Error& failure) const;
    [[nodiscard]] dialect::ReplyContext reply_context() const;
    [[nodiscard]] dialect::DecodeOptions decode_options() const;

  private:
    [[nodiscard]] bool filtered() const {
        return prepared_.chain() != nullptr && prepared_.chain()->filters();
    }
    void note_head(const http::ResponseHead& head);
    // What is not the router's own time.
    void waited_since(Clock::time_point from) { turn_.tally.upstream_wait += Clock::now() - from; }
    [[nodiscard]] asio::awaitable<Result<void>> authorise();
    [[nodiscard]] asio::awaitable<Result<http::ResponseHead>> send();
    [[nodiscard]] asio::awaitable<Result<http::ResponseHead>> await_head();
    [[nodiscard]] asio::awaitable<Outcome> refused(http::ResponseHead head);
    [[nodiscard]] dialect::ClassifyContext classify_context() const;
    [[nodiscard]] Clock::time_point content_deadline() const;

    Turn& turn_;
    ClientStream& client_;
    const route::Target& target_;
    const config::Provider& config_;
    Prepared& prepared_;
    std::size_t credential_;
    std::optional<http::Exchange> exchange_;  // of the round
    net::CancelScope scope_;                  // of waiting for the token
    std::function<void()> cancel_too_;
    dialect::StreamWriter* pinger_ = nullptr;  // of a later round: it numbers what it sends
    Clock::time_point patience_from_{};        // what API_TIMEOUT_MS is counted from
    std::string google_token_;  // of a provider that is reached with a Google account
    std::string message_id_;
    Clock::time_point sent_{};
};

}  // namespace ccr::proxy
