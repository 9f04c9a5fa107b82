// SPDX-License-Identifier: MIT
// What has to hold of any provider's reply, whatever it says: the client gets a legal sequence of
// events, and the same one however the bytes were cut; the folded reply is JSON or an error.
#pragma once

#include <string>

#include "common/json.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/sse.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace ccr::fuzz {

// Who answers.
struct Answering {
    const dialect::Dialect& dialect;
    const dialect::Profile& profile;
};

inline dialect::ReplyContext reply_context() {
    dialect::ReplyContext context;
    context.message_id = "msg_1";
    context.request_id = "req_1";
    context.model = "asked-for";
    context.estimated_input_tokens = 10;
    context.envelope_key = "key";
    context.reasoning_family = "generic";
    return context;
}

// Feeds the bytes as one or in pieces and ends the reply.
inline void decode(const Answering& from, const Steered& input, bool cut, chat::EventSink& sink) {
    json::Document scratch;
    dialect::DecodeOptions options;
    options.profile = &from.profile;
    options.scratch = &scratch;
    const auto decoder = from.dialect.reply_decoder(options);
    dialect::SseParser parser;
    const auto drain = [&] {
        dialect::SseEvent event;
        while (parser.next(event))
            decoder->event(event.name, event.data, sink);
    };
    const auto feed = [&](std::string_view piece) {
        const std::string bytes(piece);
        parser.feed(bytes);
        drain();
    };
    if (cut) {
        in_pieces(input, feed);
    } else {
        feed(input.input);
    }
    parser.finish();
    drain();
    decoder->end(true, sink);
}

inline std::string stream(const Answering& from, const Steered& input, bool cut) {
    const auto writer = dialect::find("anthropic")->stream_writer(reply_context());
    decode(from, input, cut, *writer);
    check(writer->done(), "an ended reply ends the stream");
    return writer->output();
}

struct Grammar {
    std::int64_t next = 0;
    bool started = false;
    bool open = false;
    bool delta = false;
    bool over = false;

    void event(std::string_view type, json::Value data) {
        check(!over, "nothing follows the end");
        if (type == "ping") return;
        if (type == "error") {
            check(!data["error"]["type"].str().empty(), "an error has a type");
            over = true;
            return;
        }
        if (type == "message_start") {
            check(!started, "one message_start");
            started = true;
            return;
        }
        check(started, "message_start comes first");
        if (type == "message_stop") {
            check(delta && !open, "message_stop comes after message_delta, blocks closed");
            over = true;
        } else if (type == "message_delta") {
            check(!open && !delta, "one message_delta, blocks closed");
            check(!data["delta"]["stop_reason"].str().empty(), "a stop reason");
            delta = true;
        } else {
            block(type, data["index"].integer().value_or(-1));
        }
    }

    void block(std::string_view type, std::int64_t index) {
        check(index == next && !delta, "blocks are dense and before the message_delta");
        if (type == "content_block_start") {
            check(!open, "blocks do not overlap");
            open = true;
        } else if (type == "content_block_stop") {
            check(open, "only an open block is closed");
            open = false;
            ++next;
        } else {
            check(type == "content_block_delta" && open, "deltas belong to the open block");
        }
    }
};

inline void check_grammar(const std::string& output) {
    dialect::SseParser parser;
    parser.feed(output);
    Grammar grammar;
    json::Document document;
    dialect::SseEvent event;
    while (parser.next(event)) {
        const auto data = document.parse(std::string(event.data));
        check(data && (*data)["type"].str() == event.name, "data is JSON of the event's type");
        grammar.event(event.name, *data);
    }
    check(grammar.over, "the stream ends in message_stop or error");
}

inline void check_reply(const Answering& from, const Steered& input) {
    const std::string whole = stream(from, input, false);
    check(whole == stream(from, input, true), "cutting the bytes changes nothing");
    check_grammar(whole);

    const auto folder = dialect::find("anthropic")->body_writer(reply_context());
    decode(from, input, false, *folder);
    const auto body = folder->finish();
    json::Document document;
    if (body) {
        const auto message = document.parse(*body);
        check(message && (*message)["type"].str() == "message", "a folded reply is a message");
    } else {
        check(!body.error().detail.empty(), "an error says why");
    }
}

// The same bytes as a reply that is no stream: it ends in a message or in words.
inline void check_body(const Answering& from, std::string_view text) {
    json::Document scratch;
    dialect::DecodeOptions options;
    options.profile = &from.profile;
    options.scratch = &scratch;
    const auto decoder = from.dialect.reply_decoder(options);
    const auto folder = dialect::find("anthropic")->body_writer(reply_context());
    decoder->body(text, *folder);
    decoder->end(true, *folder);
    const auto body = folder->finish();
    json::Document document;
    if (body) {
        check(static_cast<bool>(document.parse(*body)), "a folded body is JSON");
    } else {
        check(!body.error().detail.empty(), "an error says why");
    }
}

}  // namespace ccr::fuzz
