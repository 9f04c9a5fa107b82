// SPDX-License-Identifier: MIT
#include "daemon/proxy/search_loop.hpp"

#include <algorithm>

#include "common/log.hpp"
#include "daemon/dialect/envelope.hpp"
#include "daemon/dialect/tool_names.hpp"
#include "daemon/proxy/search_call.hpp"
#include "daemon/route/retry_plan.hpp"

namespace ccr::proxy {
namespace {

// Requests for one answer. In the last one the model cannot but answer.
constexpr unsigned max_rounds = 16;

stats::SearchResult result_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::rate_limited:
        case ErrorKind::billing:
            return stats::SearchResult::limited;
        case ErrorKind::timeout:
            return stats::SearchResult::timeout;
        case ErrorKind::auth:
            return stats::SearchResult::refused;
        default:
            return stats::SearchResult::failed;
    }
}

search::Terms terms_for(Attempt& attempt) {
    search::Terms terms = search::terms_of(*attempt.turn().chat);
    if (attempt.echoes_search()) terms.name = dialect::kimi_search;
    return terms;
}

}  // namespace

std::unique_ptr<SearchLoop> SearchLoop::of(Attempt& attempt, chat::EventSink& writer) {
    if (!attempt.searches()) return nullptr;
    return std::make_unique<SearchLoop>(attempt, writer);
}

SearchLoop::SearchLoop(Attempt& attempt, chat::EventSink& writer)
    : attempt_(attempt),
      turn_(attempt.turn()),
      terms_(terms_for(attempt)),
      filter_(writer, terms_.name, attempt.reply_context()),
      messages_before_(turn_.chat->messages.size()),
      choice_before_(turn_.chat->tool_choice) {}

SearchLoop::~SearchLoop() {
    if (rounds_ == 1) return;
    auto& messages = turn_.chat->messages;
    messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(messages_before_),
                   messages.end());
    turn_.chat->tool_choice = choice_before_;
    attempt_.forget_encoded();
}

// What is found in the last round could not be given to anybody.
bool SearchLoop::search_due() const {
    return filter_.due() && rounds_ < max_rounds && results_.size() < filter_.calls().size();
}

asio::awaitable<Result<void>> SearchLoop::search(dialect::StreamWriter* pinger) {
    const SearchFilter::Call& call = filter_.calls()[results_.size()];
    if (attempt_.echoes_search()) {
        echo(call);
        co_return Result<void>();
    }
    const auto query = call.whole ? search::query_in(json::unescape(call.arguments)) : std::nullopt;
    Found found;
    if (!query) {
        found.code = "invalid_tool_input";
    } else if (uses_ >= terms_.max_uses) {
        found.code = "max_uses_exceeded";
    } else if (!search::fits(*search::find(turn_.snapshot->config().web_search.engine), *query)) {
        found.code = "query_too_long";
    } else {
        auto looked_up = co_await look_up(*query, pinger);
        if (!looked_up) co_return std::move(looked_up).error();
        found = std::move(*looked_up);
    }
    if (!found.code.empty()) found.text = search::explain(found.code);
    tell(query.value_or(""), found);
    results_.push_back(std::move(found));
    co_return Result<void>();
}

// The provider searches once it has its call's arguments back, and does not say for what.
void SearchLoop::echo(const SearchFilter::Call& call) {
    ++uses_;
    Found found;
    found.text = json::unescape(call.arguments);
    tell({}, found);
    results_.push_back(std::move(found));
}

asio::awaitable<Result<SearchLoop::Found>> SearchLoop::look_up(const std::string& text,
                                                               dialect::StreamWriter* pinger) {
    if (attempt_.cancelled()) co_return Error(ErrorKind::cancelled, "the client has left");
    const auto& options = turn_.snapshot->config().web_search;
    search::Query query;
    query.text = text;
    query.max_results = options.max_results;
    query.allowed = terms_.allowed;
    query.blocked = terms_.blocked;
    query.country = terms_.country;
    ++uses_;
    SearchCall call(turn_);
    attempt_.on_cancel([&call] { call.cancel(); });
    const auto from = Clock::now();
    auto hits = co_await call.run(query, attempt_.client(), pinger);
    attempt_.on_cancel(nullptr);
    turn_.tally.upstream_wait += Clock::now() - from;
    if (attempt_.cancelled()) co_return Error(ErrorKind::cancelled, "the client has left");
    auto& counters = *turn_.worker.stats;
    Found found;
    if (hits) {
        counters.searched(options.engine, stats::SearchResult::ok);
        found.hits = std::move(*hits);
        found.text = search::as_text(found.hits);
        co_return found;
    }
    counters.searched(options.engine, result_of(hits.error().kind));
    log::warn("web search failed: " + printable(hits.error().detail, 500));
    found.code = search::code_of(hits.error().kind);
    co_return found;
}

void SearchLoop::tell(std::string_view query, const Found& found) {
    const std::string escaped_query = json::escape(query);
    std::vector<std::string> texts;
    texts.reserve(found.hits.size() * 3);
    std::vector<chat::SearchHit> hits;
    for (const search::Hit& hit : found.hits) {
        chat::SearchHit out;
        out.url = {texts.emplace_back(json::escape(hit.url))};
        out.title = {texts.emplace_back(json::escape(hit.title))};
        out.age = {texts.emplace_back(json::escape(hit.age))};
        hits.push_back(out);
    }
    chat::Searched searched;
    searched.query = {escaped_query};
    searched.hits = hits;
    searched.failure = found.code;
    filter_.tell(searched, uses_);
}

bool SearchLoop::goes_on() {
    const bool on = filter_.due() && !filter_.calls_client() && rounds_ < max_rounds;
    if (!on) filter_.finish();
    return on;
}

asio::awaitable<Result<http::ResponseHead>> SearchLoop::next_round(dialect::StreamWriter* pinger) {
    ++rounds_;
    append();
    using Kind = chat::ToolChoice::Kind;
    turn_.chat->tool_choice.kind = rounds_ == max_rounds ? Kind::none : Kind::automatic;
    turn_.chat->tool_choice.name = {};
    filter_.next_round();
    results_.clear();
    const config::Retry& retry = turn_.snapshot->lineup.retry(*turn_.target);
    Millis delay = retry.base_delay;
    for (unsigned tries = 0;; ++tries) {
        auto head = co_await attempt_.again(pinger);
        if (head || tries == retry.max_retries || !may_pass(head.error())) co_return head;
        auto rested = co_await attempt_.rest(head.error().retry_after.value_or(delay), pinger);
        if (!rested) co_return attempt_.describe(rested.error());
        delay = std::min(delay * 2, retry.max_delay);
    }
}

// Whoever has seen nothing yet is served by another, from the beginning.
bool SearchLoop::may_pass(const Error& failure) const {
    if (!turn_.committed) return false;
    const auto& limits = turn_.target->provider->config->rate_limit;
    const bool soon = failure.retry_after.value_or(Millis{0}) <= limits.max_wait;
    const auto remedy = route::rule_of(failure.kind).remedy;
    return soon && (remedy == route::Remedy::again || remedy == route::Remedy::by_limit);
}

// What the model said and what was found, as the conversation's next two messages.
void SearchLoop::append() {
    chat::Request& request = *turn_.chat;
    std::vector<std::string_view> ids;
    for (const SearchFilter::Call& call : filter_.calls())
        ids.push_back(id_of(call));
    chat::Message asked;
    asked.role = chat::Role::assistant;
    for (const SearchFilter::Part& part : filter_.parts())
        asked.content.push_back(said(part, ids));
    chat::Message answered;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        chat::ToolResult result;
        result.tool_use_id = ids[i];
        result.is_error = !results_[i].code.empty();
        result.content.emplace_back(chat::Text{{request.keep(json::escape(results_[i].text))}});
        answered.content.emplace_back(std::move(result));
    }
    request.messages.push_back(std::move(asked));
    request.messages.push_back(std::move(answered));
}

chat::Block SearchLoop::said(const SearchFilter::Part& part,
                             const std::vector<std::string_view>& ids) {
    chat::Request& request = *turn_.chat;
    using Kind = SearchFilter::Part::Kind;
    if (part.kind == Kind::text) return chat::Text{{request.keep(part.content)}};
    if (part.kind == Kind::thinking) {
        const auto& key = turn_.worker.shared->envelope_key;
        chat::Thinking thinking;
        thinking.text = {request.keep(part.content)};
        thinking.signature =
            request.keep(dialect::seal(key, attempt_.profile().family, part.state));
        return thinking;
    }
    const SearchFilter::Call& call = filter_.calls()[part.call];
    // What is no JSON object would make the whole request one that nobody takes.
    std::string arguments = call.whole ? json::unescape(call.arguments) : std::string();
    json::Document document;
    const auto parsed = document.parse_view(arguments);
    const bool sound = parsed && parsed->is_object();
    chat::ToolUse use;
    use.id = ids[part.call];
    use.name = request.keep(terms_.name);
    use.input = request.keep(sound ? std::move(arguments) : std::string("{}"));
    return use;
}

// The provider's own where it will do, since some insist on how theirs look.
std::string_view SearchLoop::id_of(const SearchFilter::Call& call) {
    const bool known = std::find(ids_.begin(), ids_.end(), call.id) != ids_.end();
    std::string id = call.id;
    if (id.empty() || known) id = turn_.worker.loop->ids().next("call_");
    return ids_.emplace_back(turn_.chat->keep(std::move(id)));
}

}  // namespace ccr::proxy
