// SPDX-License-Identifier: MIT
#include "daemon/proxy/attempt.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "daemon/dialect/retry_after.hpp"
#include "daemon/proxy/relay.hpp"
#include "daemon/proxy/upstream_headers.hpp"

namespace ccr::proxy {
namespace {

// An error body beyond this is not read: no message is that long, and a page of HTML helps nobody.
constexpr std::size_t max_error_body = std::size_t{64} * 1024;
constexpr Millis error_body_limit{10'000};
// After the provider has said why it stopped, late usage may still come; for so long.
constexpr Millis linger{2'000};
// The last chunk's terminator travels with the last event or right behind it.
constexpr Millis settle_limit{50};

Millis until(Clock::time_point deadline, Clock::time_point now) {
    return std::max(std::chrono::ceil<Millis>(deadline - now), Millis{0});
}

// All that a translated answer needs of its head while it lasts.
void keep_type_only(http::ResponseHead& head) {
    http::Headers type{{"content-type", head.headers.get("content-type")}};
    std::swap(head.headers, type);
}

// Whether the head says of any limit that nothing remains of it: most answers do not, and reading
// what they say costs more than finding that out.
bool mentions_exhaustion(const http::Headers& headers) {
    for (const auto field : headers) {
        const bool used_up = field.value == "0" || field.value == "rejected";
        if (used_up && icontains(field.name, "ratelimit")) return true;
    }
    return false;
}

std::vector<dialect::HeaderField> fields_of(const http::Headers& headers) {
    std::vector<dialect::HeaderField> fields;
    for (const auto field : headers)
        fields.push_back({field.name, field.value});
    return fields;
}

}  // namespace

Attempt::Attempt(Turn& turn, ClientStream& client, const route::Target& target, Prepared& prepared,
                 std::size_t credential)
    : turn_(turn),
      client_(client),
      target_(target),
      config_(*target.provider->config),
      prepared_(prepared),
      credential_(credential),
      exchange_(std::in_place, *turn.worker.shared->pool, *turn.worker.loop),
      patience_from_(turn.started),
      message_id_(turn.worker.loop->ids().message_id()) {}

transform::Filters Attempt::filters(chat::EventSink& writer) const {
    transform::Filters filters(writer);
    if (prepared_.chain() != nullptr) prepared_.chain()->extend(filters, {profile()});
    return filters;
}

Error Attempt::describe(const Error& failure) const {
    if (failure.kind == ErrorKind::cancelled && turn_.reply.interrupted()) {
        return {ErrorKind::unavailable, "router is shutting down"};
    }
    return failure.wrap("provider " + config_.name + ": " + failure.detail);
}

dialect::ReplyContext Attempt::reply_context() const {
    dialect::ReplyContext context;
    context.message_id = message_id_;
    context.request_id = turn_.reply.request_id();
    context.model = turn_.requested_model;
    context.estimated_input_tokens = turn_.estimated_tokens;
    context.created = std::chrono::duration_cast<std::chrono::seconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
    context.omit_thinking_text = turn_.omit_thinking;
    context.envelope_key = turn_.worker.shared->envelope_key;
    context.reasoning_family = profile().family;
    context.encoded = &prepared_.encoded();
    context.request = turn_.chat.get();
    // Nobody else is asked, so what the model said is worth more than an error.
    context.bad_arguments_as_text = true;
    context.native_reasoning = pass_through();
    // Some want their own state back, not their thoughts.
    const bool wants_state = dialect::Keepsakes::wanted_by(profile());
    context.return_hidden_thinking =
        profile().reasoning_return != dialect::ReasoningReturn::never && !wants_state;
    if (wants_state && !pass_through()) context.keepsakes = &turn_.worker.shared->keepsakes;
    return context;
}

dialect::ClassifyContext Attempt::classify_context() const {
    dialect::ClassifyContext context;
    context.model = turn_.requested_model;
    context.estimated_input_tokens = turn_.estimated_tokens;
    const auto* listed = config_.find_model(target_.model);
    if (listed != nullptr) {
        context.context_window = static_cast<std::int64_t>(listed->context_window.value_or(0));
    }
    context.max_tokens = turn_.max_tokens;
    context.now = std::chrono::system_clock::now();
    return context;
}

dialect::DecodeOptions Attempt::decode_options() const {
    return {&profile(), &turn_.worker.scratch, classify_context()};
}

asio::awaitable<Outcome> Attempt::run() {
    ++turn_.attempts;
    turn_.target = &target_;
    turn_.keeps_request = prepared_.searches();
    Outcome outcome;
    if (auto encoded = prepared_.encode(turn_); !encoded) {
        outcome.failure = std::move(encoded).error();
        outcome.unsendable = true;
        co_return outcome;
    }
    turn_.reply.on_peer_gone([this] {
        scope_.cancel();
        exchange_->cancel();
        if (cancel_too_) cancel_too_();
    });
    if (config_.auth == config::Auth::google_account) {
        auto authorised = co_await authorise();
        if (!authorised) {
            outcome.failure = describe(authorised.error());
            co_return outcome;
        }
    }
    turn_.sent = Clock::now();
    auto head = co_await send();
    waited_since(sent_);
    if (!head) {
        outcome.failure = describe(head.error());
        co_return outcome;
    }
    note_head(*head);
    if (head->status == 200 && !byte_faithful()) keep_type_only(*head);
    if (head->status != 200) co_return co_await refused(std::move(*head));
    co_return co_await relay(*this, *head);
}

asio::awaitable<Result<http::ResponseHead>> Attempt::again(dialect::StreamWriter* writer) {
    prepared_.forget();
    if (auto encoded = prepared_.encode(turn_); !encoded) co_return std::move(encoded).error();
    co_await settle_connection();
    if (scope_.cancelled()) co_return Error(ErrorKind::cancelled, "the client has left");
    exchange_.emplace(*turn_.worker.shared->pool, *turn_.worker.loop);
    pinger_ = writer;
    patience_from_ = Clock::now();
    auto head = co_await send();
    waited_since(sent_);
    if (!head) co_return describe(head.error());
    note_head(*head);
    if (head->status == 200) {
        keep_type_only(*head);
        co_return std::move(*head);
    }
    const Outcome outcome = co_await refused(std::move(*head));
    co_return *outcome.failure;
}

asio::awaitable<Result<void>> Attempt::rest(Millis time, dialect::StreamWriter* writer) {
    const auto begun = Clock::now();
    const auto deadline = begun + time;
    for (auto now = begun; now < deadline; now = Clock::now()) {
        auto slept = co_await net::sleep_for(
            *turn_.worker.loop, std::min(until(deadline, now), client_.patience(now)), &scope_);
        if (slept) slept = co_await client_.keep_alive(writer);
        if (!slept) co_return slept;
    }
    waited_since(begun);
    co_return Result<void>();
}

void Attempt::note_head(const http::ResponseHead& head) {
    turn_.upstream_status = head.status;
    turn_.upstream_request_id = std::string(head.headers.get("request-id"));
    if (turn_.upstream_request_id.empty()) {
        turn_.upstream_request_id = std::string(head.headers.get("x-request-id"));
    }
    if (head.status != 200 || !config_.rate_limit.honor_headers) return;
    if (!mentions_exhaustion(head.headers)) return;
    turn_.exhausted =
        dialect::read_exhausted(fields_of(head.headers), std::chrono::system_clock::now());
}

asio::awaitable<Result<void>> Attempt::authorise() {
    auto& shared = *turn_.worker.shared;
    auto token =
        co_await shared.google_tokens.get(*shared.pool, *turn_.worker.loop, config_.google,
                                          turn_.snapshot->token_origin(*target_.provider), &scope_);
    if (!token) co_return std::move(token).error();
    google_token_ = std::move(*token);
    co_return Result<void>();
}

asio::awaitable<Result<http::ResponseHead>> Attempt::send() {
    sent_ = Clock::now();
    turn_.streams_upstream = prepared_.streams();
    turn_.exhausted.reset();
    client_.extra_headers() = http::Headers();  // of an attempt before
    const auto headers =
        upstream_headers(*target_.provider, turn_.http.headers, prepared_.streams(), pass_through(),
                         credential_, google_token_);
    http::ClientRequest request;
    request.origin = &turn_.snapshot->origin(*target_.provider);
    std::string named;
    request.target = prepared_.path(named);
    request.headers = &headers;
    request.body = {prepared_.encoded().body};
    request.timers.connect = config_.timeouts.connect;
    auto begun = co_await exchange_->begin(request);
    if (!begun) co_return std::move(begun).error();
    co_return co_await await_head();
}

asio::awaitable<Result<http::ResponseHead>> Attempt::await_head() {
    const auto deadline = content_deadline();
    for (;;) {
        const auto now = Clock::now();
        const Millis left = until(deadline, now);
        auto head = co_await exchange_->head(std::min(left, client_.patience(now)));
        if (head || head.error().kind != ErrorKind::timeout) co_return head;
        if (Clock::now() >= deadline) {
            co_return Error(ErrorKind::timeout,
                            "no answer in time; raise timeouts.first_byte of "
                            "this provider if it needs longer");
        }
        auto alive = co_await client_.keep_alive(pinger_);
        if (!alive) co_return std::move(alive).error();
    }
}

Clock::time_point Attempt::content_deadline() const {
    const auto overall = patience_from_ + turn_.snapshot->config().api_timeout;
    const Millis own = config_.timeouts.first_byte;
    return own == Millis{0} ? overall : std::min(overall, sent_ + own);
}

asio::awaitable<Result<std::string_view>> Attempt::read(dialect::StreamWriter* writer,
                                                        bool has_content, bool may_ping,
                                                        bool all_said) {
    const auto asked = Clock::now();
    const Millis idle =
        config_.timeouts.idle == Millis{0} ? Millis{1LL << 40} : config_.timeouts.idle;
    const auto deadline = has_content ? asked + idle : std::min(content_deadline(), asked + idle);
    for (;;) {
        const auto now = Clock::now();
        const bool lingers = all_said || (writer != nullptr && writer->satisfied());
        const Millis left = lingers ? linger : until(deadline, now);
        const Millis patience = may_ping ? client_.patience(now) : left;
        auto piece = co_await exchange_->read(std::min(left, patience));
        waited_since(now);
        if (piece || piece.error().kind != ErrorKind::timeout) co_return piece;
        if (lingers) co_return std::string_view();
        if (Clock::now() >= deadline) {
            co_return Error(ErrorKind::timeout,
                            has_content ? "fell silent in mid-answer" : "no content in time");
        }
        if (!may_ping) continue;
        auto alive = co_await client_.keep_alive(writer);
        if (!alive) co_return std::move(alive).error();
    }
}

asio::awaitable<void> Attempt::settle_connection() {
    if (exchange_->complete()) co_return;
    const auto from = Clock::now();
    auto rest = co_await exchange_->read(settle_limit);
    if (rest && !rest->empty()) rest = co_await exchange_->read(settle_limit);
    waited_since(from);
}

asio::awaitable<Outcome> Attempt::refused(http::ResponseHead head) {
    Outcome outcome;
    if (head.status == 401 && !google_token_.empty()) {
        turn_.worker.shared->google_tokens.refused(config_.google, google_token_);
    }
    const auto from = Clock::now();
    auto body = co_await exchange_->read_all(error_body_limit, max_error_body);
    waited_since(from);
    const std::string text = body ? std::move(*body) : std::string();
    outcome.failure =
        dialect().classify(head.status, fields_of(head.headers), text, classify_context());
    // Vertex AI's own troubles come in Google's shape.
    if (pass_through() && turn_.door.own_errors && !config_.model_in_url_only) {
        outcome.status = head.status;
        outcome.body = text;
        outcome.headers.add("content-type", head.headers.get("content-type"));
        keep_upstream_headers(head.headers, outcome.headers);
    }
    co_return outcome;
}

}  // namespace ccr::proxy
