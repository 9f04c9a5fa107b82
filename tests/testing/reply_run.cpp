// SPDX-License-Identifier: MIT
#include "tests/testing/reply_run.hpp"

#include <algorithm>

#include "daemon/dialect/anthropic_reply.hpp"
#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/gemini.hpp"
#include "daemon/dialect/openai_chat_reply.hpp"
#include "daemon/dialect/responses.hpp"
#include "daemon/dialect/sse.hpp"
#include "tests/testing/door_grammar.hpp"

namespace ccr::testing {
namespace {

std::string count(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "-";
}

// Passes events on to two sinks.
class Tee : public chat::EventSink {
  public:
    Tee(chat::EventSink& first, chat::EventSink& second) : first_(first), second_(second) {}
    void on(const chat::Event& event) override {
        first_.on(event);
        second_.on(event);
    }

  private:
    chat::EventSink& first_;
    chat::EventSink& second_;
};

struct Describe {
    std::string operator()(const chat::Started& e) const {
        return "started " + std::string(e.id) + " " + std::string(e.model);
    }
    std::string operator()(const chat::TextDelta& e) const {
        return "text " + std::string(e.text.bytes);
    }
    std::string operator()(const chat::ReasoningDelta& e) const {
        return "reasoning " + std::string(e.text.bytes);
    }
    std::string operator()(const chat::ReasoningState& e) const {
        return "state " + json::escape(e.blob);
    }
    std::string operator()(const chat::ToolOpened& e) const {
        return "tool " + std::to_string(e.key) + " " + std::string(e.name) +
               " id=" + std::string(e.id);
    }
    std::string operator()(const chat::ToolArguments& e) const {
        return "arguments " + std::to_string(e.key) + " " + std::string(e.fragment.bytes);
    }
    std::string operator()(const chat::ToolClosed& e) const {
        return "closed " + std::to_string(e.key);
    }
    std::string operator()(const chat::RefusalDelta& e) const {
        return "refusal " + std::string(e.text.bytes);
    }
    std::string operator()(const chat::Searched& e) const {
        std::string text = "searched " + std::string(e.query.bytes) + " id=" + std::string(e.id);
        if (!e.failure.empty()) text += " failed=" + std::string(e.failure);
        for (const chat::SearchHit& hit : e.hits) {
            text += " <" + std::string(hit.url.bytes) + "> " + std::string(hit.title.bytes);
        }
        return text;
    }
    std::string operator()(const chat::Cited& e) const {
        return "cited <" + std::string(e.url.bytes) + "> " + std::string(e.title.bytes) + " " +
               std::to_string(e.from) + "-" + std::to_string(e.to);
    }
    std::string operator()(const chat::ForeignBlock& e) const {
        return "foreign " + std::string(e.json) + " " + std::string(e.input.bytes);
    }
    std::string operator()(const chat::Finished& e) const {
        return "finished " + std::to_string(static_cast<int>(e.reason)) +
               (e.matched.empty() ? "" : " matched=" + json::escape(e.matched)) +
               (e.unknown ? " unknown" : "");
    }
    std::string operator()(const chat::UsageReported& e) const {
        return "usage in=" + std::to_string(e.usage.input_tokens) +
               " out=" + std::to_string(e.usage.output_tokens) +
               " read=" + count(e.usage.cache_read_tokens) +
               " write=" + count(e.usage.cache_creation_tokens) +
               " thinking=" + count(e.usage.thinking_tokens) +
               (e.usage.web_searches > 0 ? " searches=" + std::to_string(e.usage.web_searches)
                                         : "");
    }
    std::string operator()(const chat::Failed& e) const {
        return "failed " + std::string(traits(e.error.kind).name) + ": " + e.error.detail;
    }
    std::string operator()(const chat::Idle&) const { return "idle"; }
    std::string operator()(const chat::Ended& e) const {
        return e.complete ? "ended complete" : "ended broken";
    }
};

ReplyRun::Streamed result_of(std::string_view door, const EventLog& log,
                             dialect::StreamWriter& out) {
    ReplyRun::Streamed result;
    result.events = log.text;
    result.client = out.output();
    if (door == "openai") {
        result.reply.problem = problem_of_chat_stream(result.client);
    } else if (door == "openai-responses") {
        result.reply.problem = problem_of_responses_stream(result.client);
    } else {
        result.reply = read_anthropic_stream(result.client);
    }
    result.usage = out.usage();
    result.committed = out.committed();
    result.done = out.done();
    return result;
}

}  // namespace

void EventLog::on(const chat::Event& event) {
    text += std::visit(Describe{}, event);
    text += '\n';
}

ReplyRun::ReplyRun() {
    context.message_id = "msg_test";
    context.request_id = "req_test";
    context.model = "claude-test";
    context.estimated_input_tokens = 1000;
    context.envelope_key = "key";
    context.reasoning_family = "family";
    classify.model = "claude-test";
}

std::unique_ptr<dialect::ReplyDecoder> ReplyRun::decoder() {
    const dialect::DecodeOptions options{&profile, &scratch, classify};
    if (profile.reasoning_field == dialect::ReasoningField::reasoning_item) {
        return dialect::responses::reply_decoder(options);
    }
    if (profile.name == "gemini-native") return dialect::gemini::reply_decoder(options);
    return anthropic_provider ? dialect::anthropic_reply_decoder(options)
                              : dialect::openai_chat_reply_decoder(options);
}

std::unique_ptr<dialect::StreamWriter> ReplyRun::writer() {
    context.encoded = &encoded;
    context.request = &request;
    return dialect::find(door)->stream_writer(context);
}

void feed_stream(dialect::ReplyDecoder& decoder, std::string_view sse, std::size_t cut,
                 chat::EventSink& sink) {
    dialect::SseParser parser;
    dialect::SseEvent event;
    while (!sse.empty()) {
        // Each piece in memory of its own, so that a view that outlives it is found out.
        const std::string piece(sse.substr(0, cut == 0 ? sse.size() : cut));
        sse.remove_prefix(piece.size());
        parser.feed(piece);
        while (parser.next(event))
            decoder.event(event.name, event.data, sink);
    }
    parser.finish();
    while (parser.next(event))
        decoder.event(event.name, event.data, sink);
}

ReplyRun::Streamed ReplyRun::stream(std::string_view sse, std::size_t cut, bool clean) {
    EventLog log;
    const auto out = writer();
    const auto in = decoder();
    Tee tee(log, *out);
    feed_stream(*in, sse, cut, tee);
    in->end(clean, tee);
    return result_of(door, log, *out);
}

Result<std::string> ReplyRun::fold(std::string_view sse) {
    context.encoded = &encoded;
    context.request = &request;
    const auto out = dialect::anthropic_body_writer(context);
    const auto in = decoder();
    feed_stream(*in, sse, 0, *out);
    in->end(true, *out);
    return out->finish();
}

ReplyRun::Streamed ReplyRun::stream_body(std::string_view body) {
    EventLog log;
    const auto out = writer();
    const auto in = decoder();
    Tee tee(log, *out);
    in->body(body, tee);
    in->end(true, tee);
    return result_of(door, log, *out);
}

Result<std::string> ReplyRun::fold_body(std::string_view body) {
    context.encoded = &encoded;
    context.request = &request;
    const auto out = dialect::anthropic_body_writer(context);
    const auto in = decoder();
    in->body(body, *out);
    in->end(true, *out);
    return out->finish();
}

std::string frame(std::string_view json) {
    std::string line(json);
    std::erase(line, '\n');  // tests break long lines
    return "data: " + line + "\n\n";
}

std::string delta_frame(std::string_view delta) {
    return frame(R"({"id":"up-1","model":"m","choices":[{"index":0,"delta":)" + std::string(delta) +
                 R"(,"finish_reason":null}]})");
}

std::string chat_stream(const std::vector<std::string>& deltas, std::string_view finish) {
    std::string out;
    for (const std::string& delta : deltas)
        out += delta_frame(delta);
    if (!finish.empty()) {
        out += frame(R"({"choices":[{"index":0,"delta":{},"finish_reason":")" +
                     std::string(finish) + R"("}]})");
    }
    return out + "data: [DONE]\n\n";
}

}  // namespace ccr::testing
