// SPDX-License-Identifier: MIT
// One client request on its way through the router: what is known of it, and what is told about it
// at the end (headers, access line).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/chat/request.hpp"
#include "daemon/chat/usage.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/proxy/health.hpp"
#include "daemon/proxy/prepared.hpp"
#include "daemon/proxy/worker.hpp"
#include "daemon/route/plan.hpp"
#include "daemon/tokens/estimate.hpp"

namespace ccr::proxy {

using Clock = std::chrono::steady_clock;

struct Turn {
    Turn(Worker& w, http::Request& h, http::Reply& r, const dialect::Dialect& d);

    Worker& worker;
    http::Request& http;
    http::Reply& reply;
    const dialect::Dialect& door;  // what the client speaks
    std::shared_ptr<const Snapshot> snapshot;

    // The decoded request; given up at the commit point, because from then on no other target can
    // be tried and an idle stream should not hold a conversation in memory.
    std::unique_ptr<chat::Request> chat;
    // More rounds of the same answer need the request, see search_loop.hpp.
    bool keeps_request = false;
    bool committed = false;  // content has gone to the client, or a whole answer
    bool stream = false;
    bool omit_thinking = false;
    std::string requested_model;
    std::int64_t estimated_tokens = 0;
    // Made only where a route asks for tokens; then the provider's own count is learned from.
    std::unique_ptr<tokens::Estimate> estimate;
    bool size_is_a_guess = false;  // although it lies near the longContext threshold
    std::int64_t max_tokens = 0;
    std::size_t decoder_warnings = 0;  // so many of chat->warnings are not an encoder's

    // What routing has looked up, see routing.hpp.
    std::string session;         // valid id, or empty: none, or nobody asks for it
    std::string subagent_model;  // of a tag, which is no longer in `chat`
    std::shared_ptr<const config::Router> router;  // null: the configuration's own
    route::Plan plan;
    const route::Target* target = nullptr;  // the one being tried, or that served
    unsigned attempts = 0;

    // Kept by dispatch.hpp.
    Ticket ticket;                                    // of the attempt that is under way
    std::vector<std::unique_ptr<Prepared>> prepared;  // by seat; null: not tried yet
    std::uint64_t conversation = 0;                   // hash; 0: nobody asks for it
    std::string_view picked;                          // why not the configured target; literal
    std::string tried;  // targets that were passed over or failed, for x-ccr-tiers
    Clock::time_point sent{};
    bool streams_upstream = false;
    std::optional<Millis> exhausted;  // the provider says that nothing remains for so long

    std::string upstream_request_id;
    int upstream_status = 0;  // of the attempt's response; 0: none came
    std::string warnings;     // for x-ccr-warn

    Clock::time_point started = Clock::now();
    Clock::time_point first_content{};  // zero: none yet
    chat::Usage usage;
    std::string_view failure;  // error kind's name, for the access line
    TallyState tally;
    bool follower = false;  // its answer is that of another request's call

    // Decodes the body; on success chat, stream, requested_model and the estimate are set.
    enum class Purpose : std::uint8_t { answer, count };
    Result<void> decode(Purpose purpose = Purpose::answer);
    // The provider's first content goes out: nothing can be tried again.
    void commit();
    // request-independent x-ccr-* headers.
    void add_headers(http::Headers& headers) const;
    // To who listens: where the request goes.
    void tell_route() const;
    // One line per request, when it is over; and to who listens.
    void log_access() const;
};

// `text` as it may stand in a header value or a log line: visible ASCII, the rest as '?'.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max = 200);

}  // namespace ccr::proxy
