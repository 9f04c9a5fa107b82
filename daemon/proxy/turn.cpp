// SPDX-License-Identifier: MIT
#include "daemon/proxy/turn.hpp"

#include "common/text.hpp"
#include "daemon/route/subagent_tag.hpp"
#include "daemon/route/system_prompt.hpp"
#include "daemon/route/token_estimate.hpp"

namespace ccr::proxy {
std::string printable(std::string_view text, std::size_t max) {
    std::string out(text.substr(0, max));
    for (char& c : out) {
        if (c < 0x20 || c > 0x7E) c = '?';
    }
    return out;
}

Turn::Turn(Worker& w, http::Request& h, http::Reply& r, const dialect::Dialect& d)
    : worker(w), http(h), reply(r), door(d), snapshot(pin(w, h)) {
    reply.use_errors(*door.errors);
}

namespace {

// What is meant for us, or not meant for the provider, goes before anybody looks at the request:
// the changed body takes the place of the client's. Rare, so that a second pass is no loss.
using Decode = Result<void> (*)(std::string body, chat::Request& request);

Result<void> prepare(Turn& turn, Decode decode) {
    const auto decode_again = [&turn, decode](std::string body) -> Result<void> {
        auto changed = std::make_unique<chat::Request>();
        auto decoded = decode(std::move(body), *changed);
        if (decoded) turn.chat = std::move(changed);
        return decoded;
    };
    if (auto tag = route::find_subagent_tag(*turn.chat)) {
        turn.subagent_model = std::move(tag->model);
        if (auto done = decode_again(std::move(tag->body)); !done) return done;
    }
    const auto& prompt = turn.snapshot->config().rewrite_system_prompt;
    if (!prompt) return {};
    auto body = route::with_system_prompt(*turn.chat, *prompt);
    return body ? decode_again(std::move(*body)) : Result<void>();
}

}  // namespace

Result<void> Turn::decode(Purpose purpose) {
    chat = std::make_unique<chat::Request>();
    const Decode with =
        purpose == Purpose::answer ? door.decode_request : door.decode_count_request;
    auto decoded = with(std::move(http.body), *chat);
    release(http.body);
    if (decoded) decoded = prepare(*this, with);
    if (!decoded) return decoded;
    stream = chat->stream;
    omit_thinking = chat->thinking.omit_text;
    requested_model = chat->model;
    max_tokens = chat->max_tokens;
    decoder_warnings = chat->warnings.size();
    estimated_tokens = route::estimate_from_size(chat->document.source().size());
    return {};
}

void Turn::commit() {
    if (committed || chat == nullptr) return;
    committed = true;
    const auto now = Clock::now();
    if (first_content == Clock::time_point{}) first_content = now;
    if (ticket.open) {
        Arrival arrival;
        if (stream && streams_upstream) {
            arrival.first_content = std::chrono::duration_cast<Millis>(now - sent);
        }
        arrival.exhausted = exhausted;
        arrival.conversation = conversation;
        worker.shared->health.content(ticket, arrival, now);
    }
    for (const auto& each : prepared) {
        if (each != nullptr) each->release_body();
    }
    if (keeps_request) return;
    chat.reset();
    http::Headers none;
    std::swap(http.headers, none);
}

void Turn::add_headers(http::Headers& headers) const {
    std::string reason = std::string(plan.route) + "; " + printable(plan.reason);
    if (!picked.empty()) reason.append("; ").append(picked);
    headers.add("x-ccr-route", reason);
    if (target != nullptr) {
        headers.add("x-ccr-provider", printable(target->provider->config->name));
        headers.add("x-ccr-model", printable(target->model));
        const auto tier = snapshot->lineup.tiers().label(*target);
        if (!tier.empty()) headers.add("x-ccr-tier", tier);
    }
    headers.add("x-ccr-attempts", std::to_string(attempts));
    if (!tried.empty()) headers.add("x-ccr-tiers", printable(tried, 1000));
    if (!upstream_request_id.empty()) {
        headers.add("x-ccr-upstream-request-id", printable(upstream_request_id));
    }
    std::string_view guess = size_is_a_guess ? "long_context_by_estimate" : "";
    std::string told = warnings;
    if (!guess.empty()) told.append(told.empty() ? "" : ",").append(guess);
    if (!told.empty()) headers.add("x-ccr-warn", printable(told));
}

}  // namespace ccr::proxy
