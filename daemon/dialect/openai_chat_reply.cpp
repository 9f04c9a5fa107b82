// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_chat_reply.hpp"

#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/openai_chat_search.hpp"
#include "daemon/dialect/openai_finish.hpp"
#include "daemon/dialect/openai_usage.hpp"
#include "daemon/dialect/plain_delta.hpp"
#include "daemon/dialect/reply_body.hpp"
#include "daemon/dialect/sse.hpp"

namespace ccr::dialect {

// The members that matter, found in one walk: looking each one up would cost as many walks.
struct OpenaiChatReply::Root {
    json::Value self, id, model, object, choices, usage, groq;
    bool results = false;  // of a search are among the others
    FailureSigns signs;
};
struct OpenaiChatReply::Choice {
    json::Value index, delta, message, finish_reason, stop_reason, matched_stop, usage;
};
struct OpenaiChatReply::Delta {
    json::Value content, refusal, tool_calls, function_call, reasoning_content, reasoning,
        reasoning_details, annotations, executed_tools;
};

OpenaiChatReply::Root OpenaiChatReply::fields_of(json::Value root) {
    Root out;
    out.self = root;
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key.str();
        if (key == "choices") out.choices = member.value;
        if (key == "id") out.id = member.value;
        if (key == "model") out.model = member.value;
        if (key == "object") out.object = member.value;
        if (key == "usage") out.usage = member.value;
        if (key == "x_groq") out.groq = member.value;
        if (key.starts_with("search_") || key == "web_search" || key == "citations") {
            out.results = true;
        }
        out.signs.see(key, member.value);
    }
    return out;
}

OpenaiChatReply::Choice OpenaiChatReply::choice_of(json::Value choice) {
    Choice out;
    for (const json::Member member : choice.members()) {
        const std::string_view key = member.key.str();
        if (key == "index") out.index = member.value;
        if (key == "delta") out.delta = member.value;
        if (key == "message") out.message = member.value;
        if (key == "finish_reason") out.finish_reason = member.value;
        if (key == "stop_reason") out.stop_reason = member.value;
        if (key == "matched_stop") out.matched_stop = member.value;
        if (key == "usage") out.usage = member.value;
    }
    return out;
}

OpenaiChatReply::Delta OpenaiChatReply::delta_of(json::Value delta) {
    Delta out;
    for (const json::Member member : delta.members()) {
        const std::string_view key = member.key.str();
        if (key == "content") out.content = member.value;
        if (key == "refusal") out.refusal = member.value;
        if (key == "tool_calls") out.tool_calls = member.value;
        if (key == "function_call") out.function_call = member.value;
        if (key == "reasoning_content") out.reasoning_content = member.value;
        if (key == "reasoning") out.reasoning = member.value;
        if (key == "reasoning_details") out.reasoning_details = member.value;
        if (key == "annotations") out.annotations = member.value;
        if (key == "executed_tools") out.executed_tools = member.value;
    }
    return out;
}

namespace {

bool says_something(json::Value value) {
    return value.is_string() ? !value.str().empty() : value.size() > 0;
}

}  // namespace

void OpenaiChatReply::event(std::string_view name, std::string_view data, chat::EventSink& sink) {
    if (silent()) return;
    if (data.starts_with("[DONE]")) {
        if (!finished_) finished({chat::Stop::end_turn}, sink);
        ended(sink);
        return;
    }
    if (started_ && name.empty()) {
        if (const auto delta = read_plain_delta(data)) {
            reasoning(delta->reasoning, sink);
            text(delta->text, sink);
            return;
        }
    }
    const auto root = options_.scratch->parse_view(data);
    if (root) {
        read_root(name, *root, sink);
    } else if (name == "error") {
        fail(error_in_words(data), sink);
    } else if (!finished_ && (name.empty() || name == "message")) {
        fail(Error(ErrorKind::malformed, "the provider's stream holds something that is no JSON"),
             sink);
    }
}

void OpenaiChatReply::body(std::string_view json, chat::EventSink& sink) {
    if (silent()) return;
    const std::string_view text = trim(json);
    if (text.starts_with("data:") || text.starts_with("event:") || text.starts_with(':')) {
        read_streamed_body(text, sink);
        return;
    }
    const auto root = parse_reply(text, *options_.scratch);
    if (!root) return fail(root.error(), sink);
    read_root({}, *root, sink);
    if (silent()) return;
    if (!started_) {
        fail(Error(ErrorKind::malformed, "the provider's reply holds no choices"), sink);
    } else if (!finished_) {
        finished({chat::Stop::end_turn}, sink);
    }
}

void OpenaiChatReply::read_streamed_body(std::string_view text, chat::EventSink& sink) {
    SseParser parser;
    SseEvent next;
    parser.feed(text);
    while (parser.next(next))
        event(next.name, next.data, sink);
    parser.finish();
    while (parser.next(next))
        event(next.name, next.data, sink);
}

void OpenaiChatReply::end(bool /*clean*/, chat::EventSink& sink) {
    if (ended_) return;
    if (!failed_ && finished_) {
        ended(sink);
        if (ended_) return;
    }
    ended_ = true;
    sink.on(chat::Ended{false});
}

void OpenaiChatReply::read_root(std::string_view name, json::Value root, chat::EventSink& sink) {
    if (root.is_array()) {  // Gemini's compatibility endpoint wraps errors so
        for (const json::Value element : root.elements()) {
            if (!silent()) read_root(name, element, sink);
        }
        return;
    }
    const Root fields = fields_of(root);
    if (name == "error" || fields.signs.failed()) {
        fail(classify_frame(root, options_.classify), sink);
    } else if (root.is_object()) {
        read_object(fields, sink);
    }
}

void OpenaiChatReply::read_object(const Root& root, chat::EventSink& sink) {
    if (!started_ && root.choices.size() > 0) {
        started_ = true;
        sink.on(chat::Started{root.id.str(), root.model.str()});
    }
    if (root.results) read_results(root, sink);
    const bool whole = root.object.str() == "chat.completion";
    for (const json::Value choice : root.choices.elements()) {
        read_choice(choice, whole, sink);
        if (silent()) return;
    }
    if (root.usage.is_object()) read_usage(root.usage, sink);
    if (root.groq.is_object()) read_usage(root.groq["usage"], sink);
}

// In front of the text, where they come before it.
void OpenaiChatReply::read_results(const Root& root, chat::EventSink& sink) {
    for (const json::Member member : root.self.members())
        note_results(member.key.str(), member.value, searches_);
    if (started_ && !saw_text_) searches_.tell(sink);
}

void OpenaiChatReply::read_choice(json::Value value, bool whole, chat::EventSink& sink) {
    const Choice choice = choice_of(value);
    if (choice.index.integer().value_or(0) != 0) return;
    const bool repeats = whole && options_.profile->repeats_message_at_end;
    if (choice.delta.is_object()) read_delta(choice.delta, repeats, sink);
    // A whole message: the only one of a reply that is no stream, or what was streamed once more.
    if (choice.message.is_object()) read_delta(choice.message, true, sink);
    read_finish(choice, sink);
    if (choice.usage.is_object()) read_usage(choice.usage, sink);
}

void OpenaiChatReply::read_delta(json::Value value, bool repeats, chat::EventSink& sink) {
    const Delta delta = delta_of(value);
    const bool skip_text = repeats && saw_text_;
    const bool skip_reasoning = repeats && saw_reasoning_;
    const bool skip_tools = repeats && !tools_.empty();
    if (!skip_reasoning) read_reasoning(delta, sink);
    tell_executed_tools(delta.executed_tools, searches_, sink);
    if (!skip_text && delta.content.present()) read_content(delta.content, !skip_reasoning, sink);
    if (!(repeats && saw_refusal_) && says_something(delta.refusal)) {
        saw_refusal_ = true;
        sink.on(chat::RefusalDelta{{delta.refusal.escaped()}});
    }
    for (const json::Value annotation : delta.annotations.elements())
        searches_.cite_annotation(annotation);
    if (!skip_tools) read_tools(delta, sink);
}

// One text may come under several names at once; the first that says something counts.
void OpenaiChatReply::read_reasoning(const Delta& delta, chat::EventSink& sink) {
    bool said = false;
    if (delta.reasoning_details.size() > 0) {
        details_.read(delta.reasoning_details);
        for (const json::Value detail : delta.reasoning_details.elements()) {
            const json::Value shown =
                detail["text"].is_string() ? detail["text"] : detail["summary"];
            said = said || says_something(shown);
            reasoning({shown.escaped()}, sink);
        }
    }
    for (const json::Value alias : {delta.reasoning_content, delta.reasoning}) {
        if (said || !alias.is_string() || alias.str().empty()) continue;
        reasoning({alias.escaped()}, sink);
        said = true;
    }
}

void OpenaiChatReply::read_content(json::Value content, bool with_reasoning,
                                   chat::EventSink& sink) {
    if (content.is_string()) text({content.escaped()}, sink);
    for (const json::Value part : content.elements())
        read_part(part, with_reasoning, sink);
}

void OpenaiChatReply::read_part(json::Value part, bool with_reasoning, chat::EventSink& sink) {
    const std::string_view type = part["type"].str();
    if (type == "text" || type == "output_text") text({part["text"].escaped()}, sink);
    if (type == "refusal") {
        saw_refusal_ = true;
        sink.on(chat::RefusalDelta{{part["refusal"].escaped()}});
    }
    if (type != "thinking" || !with_reasoning) return;
    const json::Value thinking = part["thinking"];
    reasoning({thinking.escaped()}, sink);
    for (const json::Value piece : thinking.elements())
        reasoning({piece["text"].escaped()}, sink);
}

void OpenaiChatReply::read_tools(const Delta& delta, chat::EventSink& sink) {
    if (delta.tool_calls.size() == 0 && !delta.function_call.is_object()) return;
    settle_tags(sink);
    searches_.tell(sink);
    flush_details(sink);
    tools_.read(delta.tool_calls, sink);
    if (delta.function_call.is_object()) tools_.read_function_call(delta.function_call, sink);
}

void OpenaiChatReply::read_finish(const Choice& choice, chat::EventSink& sink) {
    const std::string_view word = choice.finish_reason.str();
    if (word.empty()) return;
    const FinishReason reason = read_finish_reason(word);
    if (reason.error) {
        fail(Error(*reason.error, "the provider gave up: finish_reason \"" + sanitise(word) + '"'),
             sink);
        return;
    }
    chat::Finished event{reason.stop, {}, reason.unknown};
    const json::Value matched =
        choice.stop_reason.is_string() ? choice.stop_reason : choice.matched_stop;
    if (reason.stop == chat::Stop::end_turn && says_something(matched)) {
        event.reason = chat::Stop::stop_sequence;
        event.matched = matched.str();
    }
    finished(event, sink);
}

void OpenaiChatReply::read_usage(json::Value usage, chat::EventSink& sink) {
    const auto counts = read_openai_usage(usage, *options_.profile);
    if (!counts) return;
    const std::int64_t prompt = counts->input_tokens + counts->cache_read_tokens.value_or(0) +
                                counts->cache_creation_tokens.value_or(0);
    if (prompt == 0 && counts->output_tokens == 0 && prompt_tokens_ > 0) return;
    prompt_tokens_ = prompt;
    sink.on(chat::UsageReported{*counts});
}

void OpenaiChatReply::text(chat::Escaped text, chat::EventSink& sink) {
    if (text.empty()) return;
    if (tags_.settled() || tags_.settles_with(text.bytes.front())) return plain_text(text, sink);
    saw_text_ = true;  // even if it turns out to be nothing but stripped reasoning
    told_apart(tags_.feed(json::unescape(text.bytes)), sink);
}

void OpenaiChatReply::plain_text(chat::Escaped text, chat::EventSink& sink) {
    flush_details(sink);
    saw_text_ = true;
    sink.on(chat::TextDelta{text});
}

void OpenaiChatReply::told_apart(const std::vector<ThinkTags::Piece>& pieces,
                                 chat::EventSink& sink) {
    for (const ThinkTags::Piece& piece : pieces) {
        const std::string escaped = json::escape(piece.text);
        if (!piece.reasoning) {
            plain_text({escaped}, sink);
            continue;
        }
        in_tags_ = true;
        reasoning({escaped}, sink);
    }
}

void OpenaiChatReply::settle_tags(chat::EventSink& sink) {
    if (!tags_.settled()) told_apart(tags_.settle(), sink);
}

void OpenaiChatReply::reasoning(chat::Escaped text, chat::EventSink& sink) {
    if (text.empty()) return;
    // Who sends reasoning in a field of its own does not write it into the text as well.
    if (!in_tags_) settle_tags(sink);
    saw_reasoning_ = true;
    sink.on(chat::ReasoningDelta{text});
}

void OpenaiChatReply::flush_details(chat::EventSink& sink) {
    const bool wanted =
        details_.opaque() || options_.profile->reasoning_field == ReasoningField::reasoning_details;
    const std::string array = details_.take();
    if (wanted && !array.empty()) sink.on(chat::ReasoningState{array});
}

void OpenaiChatReply::finished(chat::Finished reason, chat::EventSink& sink) {
    if (finished_ && stop_ == reason.reason) return;  // some say it with every chunk that follows
    finished_ = true;
    stop_ = reason.reason;
    searches_.tell(sink);  // whoever waits for the end may go with the reason
    sink.on(reason);
}

void OpenaiChatReply::fail(Error error, chat::EventSink& sink) {
    failed_ = true;
    sink.on(chat::Failed{std::move(error)});
}

void OpenaiChatReply::ended(chat::EventSink& sink) {
    settle_tags(sink);
    const std::int64_t window = options_.classify.context_window;
    const bool nothing_said = !saw_text_ && !saw_refusal_ && tools_.empty();
    if (nothing_said && window > 0 && prompt_tokens_ >= window) {
        // LM Studio answers a prompt that is too long with an empty success.
        fail(Error(ErrorKind::context_overflow,
                   "prompt is too long: " + std::to_string(prompt_tokens_ + 1) + " tokens > " +
                       std::to_string(window) + " maximum"),
             sink);
        return;
    }
    searches_.tell(sink);
    flush_details(sink);
    tools_.finish(sink);
    ended_ = true;
    sink.on(chat::Ended{true});
}

std::unique_ptr<ReplyDecoder> openai_chat_reply_decoder(const DecodeOptions& options) {
    return std::make_unique<OpenaiChatReply>(options);
}

}  // namespace ccr::dialect
