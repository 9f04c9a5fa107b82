// SPDX-License-Identifier: MIT
#include "daemon/dialect/responses_reply.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/openai_finish.hpp"
#include "daemon/dialect/openai_usage.hpp"
#include "daemon/dialect/reply_body.hpp"
#include "daemon/dialect/responses.hpp"

namespace ccr::dialect::responses {
namespace {

constexpr std::size_t max_items = 4096;  // of one reply that are told apart
constexpr std::size_t max_held_arguments = std::size_t{1} << 20U;  // of a call without a name
constexpr std::string_view paragraph = R"(\n\n)";

Error nameless_call() {
    return {ErrorKind::malformed, "the provider sent a call without a name"};
}

}  // namespace

struct Reply::Event {
    json::Value self, type, response, item, output_index, item_id, part_index, delta, text, error;
    Said said = Said::nothing;  // what its type says it holds
};

Reply::Event Reply::fields_of(json::Value root) {
    Event out;
    out.self = root;
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key.str();
        if (key == "type") out.type = member.value;
        if (key == "delta") out.delta = member.value;
        if (key == "output_index") out.output_index = member.value;
        if (key == "item_id") out.item_id = member.value;
        if (key == "content_index" || key == "summary_index") out.part_index = member.value;
        if (key == "text" || key == "arguments" || key == "refusal") out.text = member.value;
        if (key == "item") out.item = member.value;
        if (key == "response") out.response = member.value;
        if (key == "error") out.error = member.value;
    }
    return out;
}

const Reply::Row* Reply::row_of(std::string_view type) {
    // Those that come often first.
    static constexpr Row rows[] = {
        {"response.output_text.delta", &Reply::read_piece, Said::text},
        {"response.function_call_arguments.delta", &Reply::read_arguments},
        {"response.reasoning_summary_text.delta", &Reply::read_piece, Said::summary},
        {"response.reasoning_text.delta", &Reply::read_piece, Said::thoughts},
        {"response.refusal.delta", &Reply::read_piece, Said::refusal},
        {"response.output_item.added", &Reply::read_added},
        {"response.output_item.done", &Reply::read_item},
        {"response.output_text.done", &Reply::read_part, Said::text},
        {"response.output_text.annotation.added", &Reply::read_annotation},
        {"response.function_call_arguments.done", &Reply::read_all_arguments},
        {"response.reasoning_summary_text.done", &Reply::read_part, Said::summary},
        {"response.reasoning_text.done", &Reply::read_part, Said::thoughts},
        {"response.refusal.done", &Reply::read_part, Said::refusal},
        {"response.created", &Reply::read_started},
        {"response.queued", &Reply::read_started},
        {"response.in_progress", &Reply::read_started},
        {"response.completed", &Reply::read_over},
        {"response.incomplete", &Reply::read_over},
        {"response.failed", &Reply::read_failed},
        {"response.cancelled", &Reply::read_failed},
        {"response.error", &Reply::read_failed},
        {"error", &Reply::read_failed},
    };
    const auto* row = std::find_if(std::begin(rows), std::end(rows),
                                   [type](const Row& known) { return known.type == type; });
    return row == std::end(rows) ? nullptr : row;
}

void Reply::event(std::string_view name, std::string_view data, chat::EventSink& sink) {
    if (silent() || data.starts_with("[DONE]")) return;  // gateways; the format has no such mark
    const auto root = options_.scratch->parse_view(data);
    if (root) {
        read(name, *root, sink);
    } else if (name == "error") {
        fail(error_in_words(data), sink);
    } else {
        fail(Error(ErrorKind::malformed, "the provider's stream holds something that is no JSON"),
             sink);
    }
}

void Reply::body(std::string_view json, chat::EventSink& sink) {
    if (silent()) return;
    const auto root = parse_reply(json, *options_.scratch);
    if (!root) return fail(root.error(), sink);
    const json::Value response = *root;
    const std::string_view status = response["status"].str();
    const bool failed = response["error"].present() || status == "failed" || status == "cancelled";
    if (failed) return fail(responses::classify_frame(response, options_.classify), sink);
    if (!response["output"].is_array()) {
        return fail(Error(ErrorKind::malformed, "the provider's reply holds no output"), sink);
    }
    whole_reply(response, sink);
}

void Reply::end(bool /*clean*/, chat::EventSink& sink) {
    if (ended_) return;
    ended_ = true;
    sink.on(chat::Ended{finished_ && !failed_});
}

void Reply::read(std::string_view name, json::Value root, chat::EventSink& sink) {
    Event event = fields_of(root);
    const Row* row = row_of(event.type.is_string() ? event.type.str() : name);
    if (row != nullptr) {
        event.said = row->said;
        if (row->read != &Reply::read_failed) start(event.response, sink);
        return (this->*row->read)(event, sink);
    }
    // Errors of gateways come without a type; what else is unknown says that somebody is there.
    if (event.error.present()) return read_failed(event, sink);
    sink.on(chat::Idle{});
}

// --- what comes in pieces

// read() has taken note of it already.
void Reply::read_started(const Event& /*event*/, chat::EventSink& /*sink*/) {}

void Reply::read_added(const Event& event, chat::EventSink& sink) {
    Item& item = item_of(event.output_index, event.item["id"].str());
    if (event.item["type"].str() == "function_call") open_call(item, event.item, sink);
}

void Reply::read_piece(const Event& event, chat::EventSink& sink) {
    say(part_of(event), event.said, event.delta, sink);
}

void Reply::read_part(const Event& event, chat::EventSink& sink) {
    Item& item = part_of(event);
    if (!item.part_said) say(item, event.said, event.text, sink);
}

void Reply::read_annotation(const Event& event, chat::EventSink& sink) {
    const Item& item = item_of(event.output_index, event.item_id.str());
    searches_.cite_annotation(event.self["annotation"], item.from);
    sink.on(chat::Idle{});
}

void Reply::read_arguments(const Event& event, chat::EventSink& sink) {
    arguments(item_of(event.output_index, event.item_id.str()), event.delta, sink);
}

void Reply::read_all_arguments(const Event& event, chat::EventSink& sink) {
    Item& item = item_of(event.output_index, event.item_id.str());
    open_call(item, event.self, sink);
    if (!item.arguments && item.held.empty()) arguments(item, event.text, sink);
}

void Reply::read_item(const Event& event, chat::EventSink& sink) {
    whole_item(item_of(event.output_index, event.item["id"].str()), event.item, sink);
}

void Reply::read_over(const Event& event, chat::EventSink& sink) {
    const json::Value response = event.response;
    if (response["error"].present()) return read_failed(event, sink);
    whole_reply(response, sink);
    if (silent()) return;
    ended_ = true;
    sink.on(chat::Ended{true});
}

// The reason stands in the reply, in the event's "error", or in the event itself.
void Reply::read_failed(const Event& event, chat::EventSink& sink) {
    const bool inside = event.response["error"].present() || event.response["status"].present();
    fail(responses::classify_frame(inside ? event.response : event.self, options_.classify), sink);
}

// --- what comes whole

void Reply::whole_reply(json::Value response, chat::EventSink& sink) {
    start(response, sink);
    std::int64_t place = 0;
    for (const json::Value source : response["output"].elements()) {
        const std::string_view id = source["id"].str();
        auto known = std::find_if(items_.begin(), items_.end(),
                                  [place](const Item& item) { return item.index == place; });
        if (known == items_.end() && !id.empty()) {
            known = std::find_if(items_.begin(), items_.end(),
                                 [id](const Item& item) { return item.id == id; });
        }
        if (known != items_.end()) {
            whole_item(*known, source, sink);
        } else {
            Item item;
            whole_item(item, source, sink);
        }
        ++place;
    }
    end_calls(sink);
    searches_.tell(sink);
    if (const auto usage = read_openai_usage(response["usage"], *options_.profile)) {
        sink.on(chat::UsageReported{*usage});
    }
    stop(response, sink);
}

// Those that came nowhere whole.
void Reply::end_calls(chat::EventSink& sink) {
    for (Item& item : items_) {
        if (std::exchange(item.done, true)) continue;
        if (item.opened) sink.on(chat::ToolClosed{item.key});
        if (!item.held.empty()) return fail(nameless_call(), sink);
    }
}

void Reply::whole_item(Item& item, json::Value source, chat::EventSink& sink) {
    if (item.done) return;
    const std::string_view type = source["type"].str();
    if (type == "message") whole_message(item, source, sink);
    if (type == "reasoning") whole_reasoning(item, source, sink);
    if (type == "function_call") whole_call(item, source, sink);
    if (type == "web_search_call") whole_search(source, sink);
    item.done = true;
}

void Reply::whole_message(Item& item, json::Value source, chat::EventSink& sink) {
    const bool said = item.said;
    for (const json::Value part : source["content"].elements()) {
        const std::string_view type = part["type"].str();
        if (!said) {
            item.part_said = false;
            if (type == "refusal") say(item, Said::refusal, part["refusal"], sink);
            if (type == "output_text" || type == "text") say(item, Said::text, part["text"], sink);
        }
        for (const json::Value annotation : part["annotations"].elements())
            searches_.cite_annotation(annotation, item.from);
    }
    searches_.tell(sink);
}

// What was found is told with the text that cites it: mostly nothing else names the pages.
void Reply::whole_search(json::Value source, chat::EventSink& sink) {
    const json::Value action = source["action"];
    if (action["type"].is_string() && action["type"].str() != "search") return;  // opens a page
    json::Value query = action["query"];
    if (!query.is_string()) query = action["queries"].at(0);
    if (source["status"].str() == "failed") {
        sink.on(chat::Searched{source["id"].str(), {query.escaped()}, {}, "unavailable"});
        return;
    }
    searches_.query({query.escaped()});
    for (const json::Value page : action["sources"].elements())
        searches_.page({page["url"].escaped()}, {page["title"].escaped()});
}

void Reply::whole_reasoning(Item& item, json::Value source, chat::EventSink& sink) {
    const auto say_all = [&](json::Value parts, Said kind) {
        for (const json::Value part : parts.elements()) {
            item.part_said = false;
            say(item, kind, part["text"], sink);
        }
    };
    if (!item.said) {
        say_all(source["summary"], Said::summary);
        say_all(source["content"], Said::thoughts);
    }
    const std::string_view encrypted = source["encrypted_content"].str();
    if (encrypted.empty()) return;
    const std::string_view id = source["id"].str();
    sink.on(chat::ReasoningState{pack({std::string(id), std::string(encrypted)})});
    thought_last_ = false;
}

void Reply::whole_call(Item& item, json::Value source, chat::EventSink& sink) {
    open_call(item, source, sink);
    if (!item.opened) return fail(nameless_call(), sink);
    if (!item.arguments) arguments(item, source["arguments"], sink);
    sink.on(chat::ToolClosed{item.key});
}

// --- items

// By its place, and where none is given by its id.
Reply::Item& Reply::item_of(json::Value index, std::string_view id) {
    const std::int64_t place = index.integer().value_or(-1);
    if (place < 0 && id.empty() && !items_.empty()) return items_.back();
    const auto found = std::find_if(items_.rbegin(), items_.rend(), [&](const Item& item) {
        return place >= 0 ? item.index == place : !id.empty() && item.id == id;
    });
    if (found != items_.rend()) return *found;
    if (items_.size() >= max_items) return items_.back();
    Item& item = items_.emplace_back();
    item.index = place;
    item.id = id;
    return item;
}

// The item, at the part of it that the event is about.
Reply::Item& Reply::part_of(const Event& event) {
    Item& item = item_of(event.output_index, event.item_id.str());
    const std::int64_t part = event.part_index.integer().value_or(0);
    if (std::exchange(item.part, part) != part) item.part_said = false;
    return item;
}

void Reply::say(Item& item, Said kind, json::Value piece, chat::EventSink& sink) {
    const chat::Escaped text{piece.escaped()};
    if (text.empty()) return;
    const bool reasoning = kind == Said::summary || kind == Said::thoughts;
    if (reasoning && !takes_reasoning(item, kind)) return;
    // Parts of reasoning, and items of it that nothing lies between, are paragraphs.
    if (reasoning && !item.part_said && (item.said || thought_last_)) {
        sink.on(chat::ReasoningDelta{{paragraph}});
    }
    if (kind == Said::text && !item.part_said) item.from = characters_;
    if (kind == Said::text) characters_ += characters(text);
    item.said = item.part_said = true;
    thought_last_ = reasoning;
    if (kind == Said::refusal) {
        refused_ = true;
        sink.on(chat::RefusalDelta{text});
    } else if (reasoning) {
        sink.on(chat::ReasoningDelta{text});
    } else {
        sink.on(chat::TextDelta{text});
    }
}

// A summary and the thoughts themselves are the same thing twice: the first to come is told.
bool Reply::takes_reasoning(Item& item, Said kind) {
    if (item.reasoning == Said::nothing) item.reasoning = kind;
    return item.reasoning == kind;
}

void Reply::open_call(Item& item, json::Value source, chat::EventSink& sink) {
    const std::string_view name = source["name"].str();
    if (item.opened || name.empty()) return;
    item.opened = true;
    item.key = calls_++;
    thought_last_ = false;
    searches_.tell(sink);
    sink.on(chat::ToolOpened{item.key, source["call_id"].str(), name});
    const std::string held = std::exchange(item.held, {});
    if (held.empty()) return;
    item.arguments = true;
    sink.on(chat::ToolArguments{item.key, {held}});
}

// A string with JSON in it, or that JSON itself.
void Reply::arguments(Item& item, json::Value piece, chat::EventSink& sink) {
    const std::string object = piece.is_object() ? json::escape(piece.raw()) : std::string();
    const std::string_view escaped = piece.is_object() ? object : piece.escaped();
    if (escaped.empty() || item.done) return;
    if (!item.opened) {
        item.held += escaped;
        if (item.held.size() > max_held_arguments) fail(nameless_call(), sink);
        return;
    }
    item.arguments = true;
    sink.on(chat::ToolArguments{item.key, {escaped}});
}

// --- the reply

void Reply::start(json::Value response, chat::EventSink& sink) {
    if (started_) return;
    started_ = true;
    sink.on(chat::Started{response["id"].str(), response["model"].str()});
}

void Reply::stop(json::Value response, chat::EventSink& sink) {
    if (silent() || std::exchange(finished_, true)) return;
    const std::string_view word = response["incomplete_details"]["reason"].str();
    if (response["status"].str() != "incomplete" && word.empty()) {
        sink.on(chat::Finished{refused_ ? chat::Stop::refusal : chat::Stop::end_turn});
        return;
    }
    const FinishReason reason = read_finish_reason(word.empty() ? "incomplete" : word);
    sink.on(chat::Finished{reason.stop, {}, reason.unknown});
}

void Reply::fail(Error error, chat::EventSink& sink) {
    if (silent()) return;
    failed_ = true;
    sink.on(chat::Failed{std::move(error)});
}

std::unique_ptr<ReplyDecoder> reply_decoder(const DecodeOptions& options) {
    return std::make_unique<Reply>(options);
}

}  // namespace ccr::dialect::responses
