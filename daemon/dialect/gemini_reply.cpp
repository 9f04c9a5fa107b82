// SPDX-License-Identifier: MIT
#include "daemon/dialect/gemini_reply.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/gemini.hpp"
#include "daemon/dialect/openai_finish.hpp"
#include "daemon/dialect/reply_body.hpp"

namespace ccr::dialect::gemini {
namespace {

using chat::Stop;

// finishReason where it says something else than the words that all providers share.
FinishReason read_reason(std::string_view word, bool said_something) {
    constexpr std::array<std::string_view, 4> broken{"MALFORMED_FUNCTION_CALL",
                                                     "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE",
                                                     "MISSING_THOUGHT_SIGNATURE"};
    constexpr std::array<std::string_view, 3> cut_short{"OTHER", "TOO_MANY_TOOL_CALLS",
                                                        "FINISH_REASON_UNSPECIFIED"};
    const auto is_in = [word](const auto& words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (is_in(broken)) return {Stop::end_turn, ErrorKind::malformed};
    if (is_in(cut_short) && !said_something) return {Stop::end_turn, ErrorKind::server_error};
    if (word == "LANGUAGE" || word == "MODEL_ARMOR") return {Stop::refusal};
    return read_finish_reason(word);
}

std::int64_t count(json::Value value) {
    return std::max<std::int64_t>(0, value.integer().value_or(0));
}

}  // namespace

void Reply::event(std::string_view name, std::string_view data, chat::EventSink& sink) {
    if (silent()) return;
    if (data.starts_with("[DONE]")) return;  // gateways; nothing of Gemini's follows
    const auto root = options_.scratch->parse_view(data);
    if (root) {
        read_root(*root, sink);
    } else if (name == "error") {
        fail(error_in_words(data), sink);
    } else if (!finished_) {
        fail(Error(ErrorKind::malformed, "the provider's stream holds something that is no JSON"),
             sink);
    }
}

void Reply::body(std::string_view json, chat::EventSink& sink) {
    if (silent()) return;
    const auto root = parse_reply(json, *options_.scratch);
    if (!root) return fail(root.error(), sink);
    read_root(*root, sink);
    if (silent() || finished_) return;
    if (!started_) {
        fail(Error(ErrorKind::malformed, "the provider's reply holds no candidates"), sink);
    } else {
        finished({Stop::end_turn}, sink);
    }
}

void Reply::end(bool /*clean*/, chat::EventSink& sink) {
    if (ended_) return;
    ended_ = true;
    if (!failed_) grounding_.tell(sink);
    sink.on(chat::Ended{finished_ && !failed_});
}

// A stream that was asked for without alt=sse is an array of chunks; so are errors at times.
void Reply::read_root(json::Value root, chat::EventSink& sink) {
    if (root.is_object()) return read_chunk(root, sink);
    for (const json::Value chunk : root.elements())
        if (!silent()) read_chunk(chunk, sink);
}

void Reply::read_chunk(json::Value chunk, chat::EventSink& sink) {
    json::Value candidates;
    json::Value feedback;
    json::Value usage;
    json::Value id;
    json::Value model;
    for (const json::Member member : chunk.members()) {
        const std::string_view key = member.key.str();
        if (key == "error" && member.value.present()) {
            return fail(gemini::classify(0, {}, chunk.raw(), options_.classify), sink);
        }
        if (key == "candidates") candidates = member.value;
        if (key == "promptFeedback") feedback = member.value;
        if (key == "usageMetadata") usage = member.value;
        if (key == "responseId") id = member.value;
        if (key == "modelVersion") model = member.value;
    }
    const bool blocked = feedback["blockReason"].present();
    if (!started_ && (candidates.size() > 0 || blocked)) {
        started_ = true;
        sink.on(chat::Started{id.str(), model.str()});
    }
    for (const json::Value candidate : candidates.elements()) {
        if (candidate["index"].integer().value_or(0) == 0) read_candidate(candidate, sink);
        if (silent()) return;
    }
    if (usage.is_object()) read_usage(usage, sink);
    if (blocked && candidates.size() == 0) read_feedback(feedback, sink);
}

void Reply::read_candidate(json::Value candidate, chat::EventSink& sink) {
    for (const json::Value part : candidate["content"]["parts"].elements()) {
        read_part(part, sink);
        if (silent()) return;
    }
    grounding_.read(candidate["groundingMetadata"]);
    if (candidate["finishReason"].is_string()) read_finish(candidate, sink);
}

void Reply::read_part(json::Value part, chat::EventSink& sink) {
    json::Value text;
    json::Value call;
    json::Value thought;
    std::string_view signature;
    for (const json::Member member : part.members()) {
        const std::string_view key = member.key.str();
        if (key == "text") text = member.value;
        if (key == "functionCall") call = member.value;
        if (key == "thought") thought = member.value;
        if (key == "thoughtSignature") signature = member.value.str();
    }
    if (call.is_object()) return read_call(call, signature, sink);
    if (thought.boolean()) return read_thought(text, signature, sink);
    if (text.is_string()) read_text(text, signature, sink);
}

void Reply::read_thought(json::Value text, std::string_view signature, chat::EventSink& sink) {
    if (!text.escaped().empty()) sink.on(chat::ReasoningDelta{{text.escaped()}});
    if (!signature.empty()) state(signature_of_next, signature, sink);
    last_ = Last::thought;
}

void Reply::read_text(json::Value text, std::string_view signature, chat::EventSink& sink) {
    if (text.escaped().empty()) {
        if (last_ == Last::text && !signature.empty()) text_signature_ = signature;
        return;
    }
    if (last_ != Last::text) {
        text_signature_.clear();
        if (!signature.empty()) state(signature_of_next, signature, sink);
    } else if (!signature.empty()) {
        text_signature_ = signature;
    }
    last_ = Last::text;
    grounding_.text({text.escaped()});
    sink.on(chat::TextDelta{{text.escaped()}});
}

// Calls come whole, one in a part; nothing but its place tells one from another.
void Reply::read_call(json::Value call, std::string_view signature, chat::EventSink& sink) {
    const std::string_view name = call["name"].str();
    if (name.empty() || call["partialArgs"].present()) {
        // Pieces of arguments come only to those who ask for them.
        return fail(Error(ErrorKind::malformed, "the provider sent a function call in pieces"),
                    sink);
    }
    grounding_.tell(sink);
    const std::string of_text = std::exchange(text_signature_, {});
    if (!of_text.empty()) state(signature_of_text_before, of_text, sink);
    if (!signature.empty()) state(signature_of_next, signature, sink);
    const std::uint32_t key = calls_++;
    last_ = Last::call;
    sink.on(chat::ToolOpened{key, call["id"].str(), name});
    const json::Value args = call["args"];
    const std::string text = args.is_object() ? json::escape(args.raw()) : std::string("{}");
    sink.on(chat::ToolArguments{key, {text}});
    sink.on(chat::ToolClosed{key});
}

void Reply::read_finish(json::Value candidate, chat::EventSink& sink) {
    const std::string_view word = candidate["finishReason"].str();
    if (word.empty()) return;
    const std::string said = sanitise(candidate["finishMessage"].str());
    const bool content = last_ == Last::text || last_ == Last::call;
    const FinishReason reason = read_reason(word, content);
    const std::string told = "finishReason " + sanitise(word) + (said.empty() ? "" : ": " + said);
    if (reason.error) return fail(Error(*reason.error, "the provider gave up: " + told), sink);
    if (reason.stop == Stop::refusal) {
        const std::string escaped = json::escape("The provider stopped the reply: " + told);
        sink.on(chat::RefusalDelta{{escaped}});
    }
    finished({reason.stop, {}, reason.unknown}, sink);
}

// The prompt was refused: there is no candidate, and no other reason will follow.
void Reply::read_feedback(json::Value feedback, chat::EventSink& sink) {
    if (finished_) return;
    std::string told =
        "The provider refused the prompt: blockReason " + sanitise(feedback["blockReason"].str());
    const std::string said = sanitise(feedback["blockReasonMessage"].str());
    if (!said.empty()) told += ": " + said;
    const std::string escaped = json::escape(told);
    sink.on(chat::RefusalDelta{{escaped}});
    finished({Stop::refusal}, sink);
}

// Counts of the reply so far: the last ones are those of the whole.
void Reply::read_usage(json::Value usage, chat::EventSink& sink) {
    const std::int64_t cached = count(usage["cachedContentTokenCount"]);
    const std::int64_t prompt =
        count(usage["promptTokenCount"]) + count(usage["toolUsePromptTokenCount"]);
    const std::int64_t thoughts = count(usage["thoughtsTokenCount"]);
    chat::Usage out;
    out.input_tokens = std::max<std::int64_t>(0, prompt - cached);
    out.output_tokens = count(usage["candidatesTokenCount"]) + thoughts;
    if (usage["cachedContentTokenCount"].is_number()) out.cache_read_tokens = cached;
    if (usage["thoughtsTokenCount"].is_number()) out.thinking_tokens = thoughts;
    if (prompt > 0 || out.output_tokens > 0) sink.on(chat::UsageReported{out});
}

void Reply::state(char mark, std::string_view signature, chat::EventSink& sink) {
    std::string blob(1, mark);
    blob += signature;
    sink.on(chat::ReasoningState{blob});
}

void Reply::finished(chat::Finished reason, chat::EventSink& sink) {
    if (std::exchange(finished_, true)) return;  // it may come with every chunk that follows
    grounding_.tell(sink);
    sink.on(reason);
}

void Reply::fail(Error error, chat::EventSink& sink) {
    failed_ = true;
    sink.on(chat::Failed{std::move(error)});
}

std::unique_ptr<ReplyDecoder> reply_decoder(const DecodeOptions& options) {
    return std::make_unique<Reply>(options);
}

}  // namespace ccr::dialect::gemini
