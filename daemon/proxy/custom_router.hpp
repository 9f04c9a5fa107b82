// SPDX-License-Identifier: MIT
// CUSTOM_ROUTER: somebody else's program is asked for a target before any rule is. It has its
// budget; what fails or comes late is ignored, counted, and said in the log (not for every
// request).
//
// An executable and an HTTP server (TCP or Unix socket) get a summary of the request as JSON:
//   {"model", "session_id", "tokens", "stream", "max_tokens", "thinking": {"type",
//    "budget_tokens"}, "effort", "system": {"blocks", "bytes", "text"}, "messages": {"count",
//    "bytes", "images"}, "last_user_text", "tools": [{"name", "type"}], "headers": {…}}
// texts cut at 4096 bytes, tools at 256, headers without credentials. The answer is
// {"target": "provider,model"}, a JSON string, or plain text; nothing, null or false: no opinion.
// A JavaScript module in the Node router's form gets the whole body, see custom_router_node.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/config/model.hpp"
#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/stats/counters.hpp"

namespace ccr::proxy {

namespace asio = boost::asio;

// One request as the hook is told of it; everything outlives the call.
struct Question {
    const chat::Request& chat;
    const http::Headers& headers;
    std::string_view session;  // may be empty
    std::int64_t tokens = 0;   // estimate
};

// Registers what is to be called when the client leaves; an empty function takes it back.
using OnGone = std::function<void(std::function<void()>)>;

// One way to ask. Answers are raw texts, see target_in().
class Hook {
  public:
    virtual ~Hook() = default;
    [[nodiscard]] virtual asio::awaitable<Result<std::string>> ask(const Question& question,
                                                                   const OnGone& on_gone) = 0;
};

// One per loop; outlives its requests as a shared_ptr.
class CustomRouter {
  public:
    // Requests that may wait for the hook at once; further ones do without it.
    static constexpr unsigned max_waiting = 32;
    static constexpr std::size_t max_answer = std::size_t{64} * 1024;  // bytes

    // `stats`: the loop's, where each question is counted once.
    CustomRouter(net::Loop& loop, const Config& config, stats::Shard& stats);

    // "provider,model" or another name of a target, as the hook gave it, and then the caller says
    // by followed() or complain() where that led; empty: no opinion, or a failure.
    [[nodiscard]] asio::awaitable<std::string> ask(Question question, OnGone on_gone);
    void followed() { stats_.custom_router(stats::HookResult::target); }
    // The answer led nowhere.
    void complain(std::string_view what);

  private:
    std::unique_ptr<Hook> hook_;
    stats::Shard& stats_;
    std::uint64_t unsaid_ = 0;  // failures since the last line in the log
    unsigned waiting_ = 0;
    SteadyTime said_{};
};

// The question as JSON, see above.
[[nodiscard]] std::string summary(const Question& question);
// The same for a JavaScript module: {"id", "body", "headers", "tokenCount", "sessionId"}.
[[nodiscard]] std::string whole_question(const Question& question, std::uint64_t id);
// The target in a hook's answer; empty: no opinion. malformed for what is none.
[[nodiscard]] Result<std::string> target_in(std::string_view answer);

[[nodiscard]] std::unique_ptr<Hook> make_program_hook(net::Loop& loop,
                                                      const config::CustomRouter& config);
[[nodiscard]] std::unique_ptr<Hook> make_http_hook(net::Loop& loop,
                                                   const config::CustomRouter& config);
[[nodiscard]] std::unique_ptr<Hook> make_node_hook(net::Loop& loop, const Config& config);

}  // namespace ccr::proxy
