// SPDX-License-Identifier: MIT
#include "daemon/proxy/attempt.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "daemon/dialect/anthropic_splice.hpp"
#include "daemon/proxy/relay.hpp"
#include "daemon/proxy/upstream_headers.hpp"
#include "daemon/route/capability.hpp"

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

// The config may ask its providers for whole replies; they are told as streams all the same.
bool whole_replies_only(const Turn& turn, const config::Provider& provider) {
    return turn.snapshot->config().router.force_non_streaming && !provider.allow_streaming;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words)
        out += (out.empty() ? "" : ",") + word;
    return out;
}

}  // namespace

Attempt::Attempt(Turn& turn, ClientStream& client, const route::Target& target)
    : turn_(turn),
      client_(client),
      target_(target),
      config_(*target.provider->config),
      chain_(target.provider->transforms.find(target.model)),
      profile_(route::target_profile(*target.provider, target.model)),
      streams_(turn.stream && !whole_replies_only(turn, config_)),
      exchange_(*turn.worker.shared->pool, *turn.worker.loop),
      message_id_(turn.worker.loop->ids().message_id()) {}

void Attempt::apply_transformers() {
    if (chain_ == nullptr) return;
    overlay_ = std::make_unique<dialect::Overlay>();
    const bool capped = config_.output_limit(target_.model).has_value();
    chain_->apply({*turn_.chat, target_.model, capped, profile_, *overlay_});
}

transform::Filters Attempt::filters(chat::EventSink& writer) const {
    transform::Filters filters(writer);
    if (chain_ != nullptr) chain_->extend(filters, {profile_});
    return filters;
}

Result<void> Attempt::encode() {
    const auto& key = turn_.worker.shared->envelope_key;
    const auto output_limit =
        static_cast<std::int64_t>(config_.output_limit(target_.model).value_or(0));
    apply_transformers();
    if (pass_through()) {
        dialect::SpliceOptions options;
        options.model = target_.model;
        options.level = profile_.anthropic_level;
        options.envelope_key = key;
        options.max_output_tokens = output_limit;
        options.overlay = overlay_.get();
        if (streams_ != turn_.stream) options.force_stream = streams_;
        if (auto refusal = dialect::unspliceable(*turn_.chat, options.level)) return *refusal;
        return splice(options);
    }
    dialect::EncodeOptions options;
    options.model = target_.model;
    options.profile = &profile_;
    options.max_output_tokens = output_limit;
    options.envelope_key = key;
    options.overlay = overlay_.get();
    if (streams_ != turn_.stream) options.force_stream = streams_;
    auto encoded = dialect().encode_request(*turn_.chat, options);
    if (!encoded) return std::move(encoded).error();
    encoded_ = std::move(*encoded);
    turn_.warnings = joined(turn_.chat->warnings);
    return {};
}

Error Attempt::describe(const Error& failure) const {
    return failure.wrap("provider " + config_.name + ": " + failure.detail);
}

Result<void> Attempt::splice(const dialect::SpliceOptions& options) {
    if (profile_.images || !route::image_anywhere(*turn_.chat)) {
        encoded_.body = dialect::splice(*turn_.chat, options);
        return {};
    }
    // Once more through the decoder: what splicing changes then works on the changed body.
    chat::Request blind;
    auto decoded = turn_.door.decode_request(route::body_without_images(*turn_.chat), blind);
    if (!decoded) return decoded;
    encoded_.body = dialect::splice(blind, options);
    turn_.warnings = "image";
    return {};
}

dialect::ReplyContext Attempt::reply_context() const {
    dialect::ReplyContext context;
    context.message_id = message_id_;
    context.request_id = turn_.reply.request_id();
    context.model = turn_.requested_model;
    context.estimated_input_tokens = turn_.estimated_tokens;
    context.omit_thinking_text = turn_.omit_thinking;
    context.envelope_key = turn_.worker.shared->envelope_key;
    context.reasoning_family = profile_.family;
    context.encoded = &encoded_;
    context.request = turn_.chat.get();
    // Nobody else is asked, so what the model said is worth more than an error.
    context.bad_arguments_as_text = true;
    context.native_reasoning = pass_through();
    context.return_hidden_thinking = profile_.reasoning_return != dialect::ReasoningReturn::never;
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
    return {&profile_, &turn_.worker.scratch, classify_context()};
}

asio::awaitable<Outcome> Attempt::run() {
    ++turn_.attempts;
    turn_.target = &target_;
    Outcome outcome;
    if (auto encoded = encode(); !encoded) {
        outcome.failure = std::move(encoded).error();
        co_return outcome;
    }
    turn_.reply.on_peer_gone([this] { exchange_.cancel(); });
    auto head = co_await send();
    if (!head) {
        outcome.failure = describe(head.error());
        co_return outcome;
    }
    turn_.upstream_status = head->status;
    release(encoded_.body);  // sent; a stream may live for hours
    turn_.upstream_request_id = std::string(head->headers.get("request-id"));
    if (turn_.upstream_request_id.empty()) {
        turn_.upstream_request_id = std::string(head->headers.get("x-request-id"));
    }
    if (head->status == 200 && !byte_faithful()) keep_type_only(*head);
    if (head->status != 200) co_return co_await refused(std::move(*head));
    co_return co_await relay(*this, *head);
}

asio::awaitable<Result<http::ResponseHead>> Attempt::send() {
    sent_ = Clock::now();
    const auto headers =
        upstream_headers(*target_.provider, turn_.http.headers, streams_, pass_through());
    http::ClientRequest request;
    request.origin = &turn_.snapshot->origin(*target_.provider);
    request.target = config_.endpoint.target;
    request.headers = &headers;
    request.body = {encoded_.body};
    request.timers.connect = config_.timeouts.connect;
    auto begun = co_await exchange_.begin(request);
    if (!begun) co_return std::move(begun).error();
    co_return co_await await_head();
}

asio::awaitable<Result<http::ResponseHead>> Attempt::await_head() {
    const auto deadline = content_deadline();
    for (;;) {
        const auto now = Clock::now();
        const Millis left = until(deadline, now);
        auto head = co_await exchange_.head(std::min(left, client_.patience(now)));
        if (head || head.error().kind != ErrorKind::timeout) co_return head;
        if (Clock::now() >= deadline) {
            co_return Error(ErrorKind::timeout,
                            "no answer in time; raise timeouts.first_byte of "
                            "this provider if it needs longer");
        }
        auto alive = co_await client_.keep_alive(nullptr);
        if (!alive) co_return std::move(alive).error();
    }
}

Clock::time_point Attempt::content_deadline() const {
    const auto overall = turn_.started + turn_.snapshot->config().api_timeout;
    const Millis own = config_.timeouts.first_byte;
    return own == Millis{0} ? overall : std::min(overall, sent_ + own);
}

asio::awaitable<Result<std::string_view>> Attempt::read(dialect::StreamWriter* writer,
                                                        bool has_content, bool may_ping) {
    const auto asked = Clock::now();
    const Millis idle =
        config_.timeouts.idle == Millis{0} ? Millis{1LL << 40} : config_.timeouts.idle;
    const auto deadline = has_content ? asked + idle : std::min(content_deadline(), asked + idle);
    for (;;) {
        const auto now = Clock::now();
        const bool lingers = writer != nullptr && writer->satisfied();
        const Millis left = lingers ? linger : until(deadline, now);
        const Millis patience = may_ping ? client_.patience(now) : left;
        auto piece = co_await exchange_.read(std::min(left, patience));
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
    if (exchange_.complete()) co_return;
    auto rest = co_await exchange_.read(settle_limit);
    if (rest && !rest->empty()) rest = co_await exchange_.read(settle_limit);
}

asio::awaitable<Outcome> Attempt::refused(http::ResponseHead head) {
    Outcome outcome;
    auto body = co_await exchange_.read_all(error_body_limit, max_error_body);
    const std::string text = body ? std::move(*body) : std::string();
    std::vector<dialect::HeaderField> fields;
    for (const auto field : head.headers)
        fields.push_back({field.name, field.value});
    outcome.failure = dialect().classify(head.status, fields, text, classify_context());
    if (pass_through()) {
        outcome.status = head.status;
        outcome.body = text;
        outcome.headers.add("content-type", head.headers.get("content-type"));
        keep_upstream_headers(head.headers, outcome.headers);
    }
    co_return outcome;
}

}  // namespace ccr::proxy
