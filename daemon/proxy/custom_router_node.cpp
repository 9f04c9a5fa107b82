// SPDX-License-Identifier: MIT
// A custom router in the form of the Node router's: `module.exports = async (req, config, {event})
// => "provider,model" or nothing`, run by a node process that lives on, one per loop. It knows
// req.body, req.headers (without credentials), req.tokenCount, req.sessionId and a silent req.log;
// config has the routes and the providers' names, models and URLs, but no keys.
//
// Over the child's descriptor 3: to it "LENGTH\n" and that many bytes of JSON per question, from it
// one line of JSON per answer, {"id", "target" or "error"}; the first line is {"ready": true} or
// {"ready": false, "error"}.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "common/json.hpp"
#include "common/log.hpp"
#include "daemon/net/child.hpp"
#include "daemon/net/spawn.hpp"
#include "daemon/proxy/custom_router.hpp"
#include "daemon/proxy/turn.hpp"

namespace ccr::proxy {
namespace {

// Loading node and a module with its dependencies; the first requests wait for it.
constexpr Millis start_limit{5'000};
constexpr Millis min_backoff{500};
constexpr Millis max_backoff{30'000};
constexpr Millis forever{1LL << 40};
constexpr std::size_t max_question = std::size_t{8} << 20U;   // bytes of one
constexpr std::size_t max_outgoing = std::size_t{32} << 20U;  // bytes of all that wait

constexpr const char* shim = R"js('use strict';
const net = require('net'), path = require('path'), url = require('url');
const { EventEmitter } = require('events');
const wire = new net.Socket({ fd: 3 });
const say = (o) => wire.write(JSON.stringify(o) + '\n');
const why = (e) => String((e && e.message) || e).slice(0, 300);
process.on('uncaughtException', (e) => console.error('custom router:', why(e)));
process.on('unhandledRejection', (e) => console.error('custom router:', why(e)));
wire.on('close', () => process.exit(0));
wire.on('error', () => process.exit(0));
const event = new EventEmitter();
const quiet = () => {};
const log = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet };
log.child = () => log;
let config = {}, route = null, have = [], size = 0, want = -1;
async function answer(q) {
  try {
    const req = { body: q.body, headers: q.headers, tokenCount: q.tokenCount, log,
      sessionId: q.sessionId || undefined, method: 'POST', url: '/v1/messages', id: String(q.id) };
    const target = await route(req, config, { event });
    say({ id: q.id, target: typeof target === 'string' ? target : null });
  } catch (e) { say({ id: q.id, error: why(e) }); }
}
function take(text) {
  const q = JSON.parse(text);
  if (q.config) config = q.config; else answer(q);
}
wire.on('data', (piece) => {
  have.push(piece); size += piece.length;
  if (want >= 0 && size < want) return;
  let all = Buffer.concat(have);
  for (;;) {
    if (want < 0) {
      const end = all.indexOf(10);
      if (end < 0) break;
      want = Number(all.toString('latin1', 0, end));
      all = all.subarray(end + 1);
    }
    if (all.length < want) break;
    take(all.toString('utf8', 0, want));
    all = all.subarray(want);
    want = -1;
  }
  have = [all]; size = all.length;
});
(async () => {
  try {
    const file = path.resolve(process.argv[1]);
    let found;
    try { found = require(file); } catch (e) {
      if (e.code !== 'ERR_REQUIRE_ESM') throw e;
      found = await import(url.pathToFileURL(file).href);
    }
    if (typeof found !== 'function' && found) found = found.default;
    if (typeof found !== 'function') throw new Error('the module exports no function');
    route = found;
    say({ ready: true });
  } catch (e) { say({ ready: false, error: why(e) }); wire.end(); }
})();
)js";

void write_target(json::Writer& out, std::string_view name, const config::TargetRef& target) {
    if (!target.empty()) out.key(name).string(target.text());
}

// What a module may know of the config: no keys, and no query of a URL, which may be one.
std::string told_config(const Config& config) {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("config").begin_object();
    for (const std::string_view spelling : {"Providers", "providers"}) {
        out.key(spelling).begin_array();
        for (const auto& provider : config.providers) {
            const std::string_view url = provider.api_base_url;
            out.begin_object().key("name").string(provider.name);
            out.key("api_base_url").string(url.substr(0, url.find('?')));
            out.key("models").begin_array();
            for (const auto& model : provider.models)
                out.string(model.name);
            out.end_array().end_object();
        }
        out.end_array();
    }
    const auto& router = config.router;
    out.key("Router").begin_object();
    write_target(out, "default", router.default_target);
    write_target(out, "background", router.background);
    write_target(out, "think", router.think);
    write_target(out, "longContext", router.long_context);
    write_target(out, "webSearch", router.web_search);
    write_target(out, "image", router.image);
    out.key("longContextThreshold");
    out.number(static_cast<std::int64_t>(router.long_context_threshold)).end_object();
    out.end_object().end_object();
    return text;
}

std::string framed(std::string_view text) {
    return std::to_string(text.size()).append("\n").append(text);
}

// One node process and those who wait for it. The two coroutines that serve it own it; when it
// ends, all who wait are told.
class Session {
  public:
    struct Pending {
        net::Waiter waiter;
        std::optional<Result<std::string>> answer;
    };

    Session(net::Loop& loop, std::unique_ptr<net::Child> child, std::string_view greeting)
        : loop_(loop), child_(std::move(child)), outgoing_(framed(greeting)) {}

    static void begin(const std::shared_ptr<Session>& self) {
        net::spawn(self->loop_, "custom router reader", read(self));
        net::spawn(self->loop_, "custom router writer", write(self));
    }

    [[nodiscard]] bool over() const { return failure_.has_value(); }
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] bool served() const { return served_; }
    [[nodiscard]] bool has_room(std::size_t size) const {
        return outgoing_.size() + size <= max_outgoing;
    }

    void send(std::uint64_t id, const std::string& question, Pending& pending) {
        outgoing_ += framed(question);
        pending_.emplace(id, &pending);
        more_.wake();
    }
    // Waits for ready() or over().
    void await_ready(Pending& pending) { starting_.push_back(&pending); }
    void forget(Pending& pending) {
        std::erase(starting_, &pending);
        std::erase_if(pending_, [&](const auto& entry) { return entry.second == &pending; });
    }
    [[nodiscard]] const Error& failure() const { return *failure_; }

    // Ends it from outside: the coroutines notice and let go.
    void stop(Error why) {
        if (over()) return;
        failure_ = std::move(why);
        for (Pending* pending : starting_)
            pending->waiter.wake();
        for (const auto& [id, pending] : pending_) {
            pending->answer = *failure_;
            pending->waiter.wake();
        }
        starting_.clear();
        pending_.clear();
        more_.wake();
        child_->stream().cancel(ErrorKind::cancelled);
    }

  private:
    static asio::awaitable<void> read(std::shared_ptr<Session> self) {
        std::string text;
        std::array<char, 4096> piece{};
        while (!self->over()) {
            auto got = co_await self->child_->stream().read_some(piece, forever);
            if (!got) {
                self->stop(got.error().wrap("node"));
            } else if (*got == 0) {
                self->stop(Error(ErrorKind::eof, "node has ended"));
            } else {
                text.append(piece.data(), *got);
                self->take_lines(text);
            }
        }
    }

    static asio::awaitable<void> write(std::shared_ptr<Session> self) {
        while (!self->over()) {
            if (self->outgoing_.empty()) {
                const auto wake = co_await self->more_.wait(self->loop_, forever);
                if (wake == net::Wake::cancelled) self->stop(Error(ErrorKind::cancelled, "ending"));
                continue;
            }
            const std::string bytes = std::exchange(self->outgoing_, {});
            const std::array<asio::const_buffer, 1> buffers{asio::buffer(bytes)};
            auto written = co_await self->child_->stream().write(buffers, start_limit);
            if (!written) self->stop(written.error().wrap("node does not listen"));
        }
    }

    void take_lines(std::string& text) {
        std::size_t end = 0;
        while (!over() && (end = text.find('\n')) != std::string::npos) {
            take_line(std::string_view(text).substr(0, end));
            text.erase(0, end + 1);
        }
        if (text.size() > CustomRouter::max_answer) {
            stop(Error(ErrorKind::too_large, "node says too much"));
        }
    }

    void take_line(std::string_view line) {
        json::Document document;
        const auto root = document.parse_view(line);
        if (!root) return stop(root.error().wrap("node does not speak the protocol"));
        if (!ready_) return take_greeting(*root);
        const auto id = (*root)["id"].integer();
        const auto found = pending_.find(static_cast<std::uint64_t>(id.value_or(0)));
        if (found == pending_.end()) return;  // too late: nobody waits any more
        Pending& pending = *found->second;
        pending_.erase(found);
        served_ = true;
        const json::Value error = (*root)["error"];
        if (error.is_string()) {
            pending.answer = Error(ErrorKind::server_error, std::string(error.str()));
        } else {
            pending.answer = std::string((*root)["target"].str());
        }
        pending.waiter.wake();
    }

    void take_greeting(json::Value greeting) {
        if (!greeting["ready"].boolean()) {
            return stop(Error(ErrorKind::config, "the module cannot be loaded: " +
                                                     std::string(greeting["error"].str())));
        }
        ready_ = true;
        for (Pending* pending : starting_)
            pending->waiter.wake();
        starting_.clear();
    }

    net::Loop& loop_;
    std::unique_ptr<net::Child> child_;
    std::string outgoing_;
    net::Waiter more_;
    std::map<std::uint64_t, Pending*> pending_;
    std::vector<Pending*> starting_;
    std::optional<Error> failure_;
    bool ready_ = false;
    bool served_ = false;
};

class NodeHook final : public Hook {
  public:
    NodeHook(net::Loop& loop, const Config& config)
        : loop_(loop),
          command_{config.custom_router.node, "-e", shim, "--", config.custom_router.path},
          greeting_(told_config(config)),
          budget_(config.custom_router.budget) {}

    ~NodeHook() override {
        if (session_) session_->stop(Error(ErrorKind::cancelled, "ending"));
    }

    asio::awaitable<Result<std::string>> ask(const Question& question,
                                             const OnGone& on_gone) override {
        if (question.chat.document.source().size() > max_question) {
            co_return Error(ErrorKind::too_large, "the request is too large for it");
        }
        if (auto running = ensure(); !running) co_return std::move(running).error();
        const auto session = session_;  // it may be replaced meanwhile
        net::CancelScope scope;
        on_gone([&scope] { scope.cancel(); });
        auto answer = co_await exchange(*session, question, scope);
        on_gone(nullptr);
        co_return answer;
    }

  private:
    asio::awaitable<Result<std::string>> exchange(Session& session, const Question& question,
                                                  net::CancelScope& scope) {
        Session::Pending pending;
        if (!session.ready()) {
            session.await_ready(pending);
            const auto wake = co_await pending.waiter.wait(loop_, start_limit, &scope);
            session.forget(pending);
            if (wake == net::Wake::cancelled) co_return gone();
            if (wake == net::Wake::timeout) session.stop(late("node did not start in time"));
        }
        if (session.over()) co_return session.failure();
        const std::string text = whole_question(question, ++last_id_);
        if (!session.has_room(text.size())) co_return late("node does not keep up");
        pending.waiter.forget();
        session.send(last_id_, text, pending);
        const auto wake = co_await pending.waiter.wait(loop_, budget_, &scope);
        session.forget(pending);
        if (wake == net::Wake::cancelled) co_return gone();
        if (pending.answer) co_return std::move(*pending.answer);
        co_return late("no answer in time");
    }

    static Error late(const char* what) { return {ErrorKind::timeout, what}; }
    static Error gone() { return {ErrorKind::cancelled, "cancelled"}; }

    // A process that is starting or running; after one that ended, not before its pause is over.
    Result<void> ensure() {
        if (session_ && !session_->over()) return {};
        const auto now = std::chrono::steady_clock::now();
        if (session_) {
            backoff_ = session_->served() ? min_backoff : std::min(backoff_ * 2, max_backoff);
            not_before_ = now + backoff_;
            last_failure_ = session_->failure();
            session_.reset();
            log::warn("the custom router's process has ended: " +
                      printable(last_failure_->chain(), 400));
        }
        if (now < not_before_) return last_failure_->wrap("it is started again soon");
        auto child = net::Child::start(loop_, command_);
        if (!child) {
            backoff_ = std::min(backoff_ * 2, max_backoff);
            not_before_ = now + backoff_;
            last_failure_ = child.error();
            return std::move(child).error();
        }
        session_ = std::make_shared<Session>(loop_, std::move(*child), greeting_);
        Session::begin(session_);
        return {};
    }

    net::Loop& loop_;
    std::vector<std::string> command_;
    std::string greeting_;
    Millis budget_;
    std::shared_ptr<Session> session_;
    std::optional<Error> last_failure_;
    Millis backoff_ = min_backoff;
    SteadyTime not_before_{};
    std::uint64_t last_id_ = 0;
};

}  // namespace

std::unique_ptr<Hook> make_node_hook(net::Loop& loop, const Config& config) {
    return std::make_unique<NodeHook>(loop, config);
}

}  // namespace ccr::proxy
