// SPDX-License-Identifier: MIT
// What has to hold of any provider's reply, whatever it says: the client of each door gets a legal
// stream, and the same one however the bytes were cut; a folded reply is JSON or an error; and who
// only watches the bytes sees the same however they were cut.
#pragma once

#include <iterator>
#include <memory>
#include <string>

#include "common/json.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/sse.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/testing/anthropic_grammar.hpp"
#include "tests/testing/door_grammar.hpp"

namespace ccr::fuzz {

// Who answers.
struct Answering {
    const dialect::Dialect& dialect;
    const dialect::Profile& profile;
};

// Who asked: tools in all forms, one of them under another name for the provider, and a stop
// sequence that the provider does not know.
struct Asking {
    explicit Asking(std::string_view name);

    const dialect::Dialect& door;
    chat::Request request;
    dialect::Encoded encoded;
};

inline std::string question(std::string_view door) {
    if (door == "anthropic") {
        return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],
            "tools":[{"name":"f","input_schema":{"type":"object"}},
                     {"type":"web_search_20250305","name":"web_search"}],"stop_sequences":["STOP"]})";
    }
    if (door == "openai") {
        return R"({"model":"m","stream_options":{"include_usage":true},"stream":true,"stop":"STOP",
            "messages":[{"role":"user","content":"q"}],
            "tools":[{"type":"function","function":{"name":"f"}},
                     {"type":"custom","custom":{"name":"p"}}]})";
    }
    return R"({"model":"m","input":"q","tools":[{"type":"function","name":"f"},
        {"type":"custom","name":"p"},{"type":"local_shell"},
        {"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}]})";
}

inline Asking::Asking(std::string_view name) : door(*dialect::find(name)) {
    const auto decoded = door.decode_request(question(name), request);
    check(static_cast<bool>(decoded), "the question is understood");
    encoded.renamed_tools = {{"f_1", "f"}};
    encoded.emulated_stops = {"STOP"};
}

inline void check_grammar(const Asking& asked, const Answering& from, std::string_view stream) {
    std::string problem;
    if (asked.door.name == "anthropic") {
        const bool native = &from.dialect == &asked.door;
        problem = ccr::testing::read_anthropic_stream(stream, true, native).problem;
    } else if (asked.door.name == "openai") {
        problem = ccr::testing::problem_of_chat_stream(stream);
    } else {
        problem = ccr::testing::problem_of_responses_stream(stream);
    }
    check(problem.empty(), problem);
}

// What the bits of `steer` mean that do not choose where to cut.
struct Manner {
    explicit Manner(std::uint8_t steer)
        : pings((steer & 16U) != 0),
          given_up((steer & 32U) != 0),
          stops((steer & 64U) != 0),
          hides((steer & 128U) != 0) {}
    bool pings;     // the client is kept waiting between events
    bool given_up;  // we end the reply with an error of our own
    bool stops;     // renamed tools, stop sequences to look for
    bool hides;     // the client does not want to see thoughts
};

inline dialect::ReplyContext reply_context(const Asking& asking, Manner manner) {
    dialect::ReplyContext context;
    context.message_id = "msg_1";
    context.request_id = "req_1";
    context.model = "asked-for";
    context.estimated_input_tokens = 10;
    context.envelope_key = "key";
    context.reasoning_family = "generic";
    context.request = &asking.request;
    if (manner.stops) context.encoded = &asking.encoded;
    context.omit_thinking_text = manner.hides;
    return context;
}

inline dialect::DecodeOptions decode_options(const Answering& from, json::Document& scratch) {
    dialect::DecodeOptions options;
    options.profile = &from.profile;
    options.scratch = &scratch;
    return options;
}

// Gives the input as one or in pieces, each in memory of its own: reading past it is seen.
template <typename Use>
void give(const Steered& input, bool cut, const Use& use) {
    const auto copy = [&use](std::string_view piece) { use(std::string(piece)); };
    if (cut) return in_pieces(input, copy);
    copy(input.input);
}

// Feeds the bytes and calls `after` behind each event; the caller ends the reply.
template <typename After>
void decode(dialect::ReplyDecoder& decoder, const Steered& input, bool cut, chat::EventSink& sink,
            const After& after) {
    dialect::SseParser parser;
    const auto drain = [&] {
        dialect::SseEvent event;
        while (parser.next(event)) {
            decoder.event(event.name, event.data, sink);
            after();
        }
    };
    give(input, cut, [&](const std::string& piece) {
        parser.feed(piece);
        drain();
    });
    parser.finish();
    drain();
}

inline std::string stream(const Asking& asked, const Answering& from, const Steered& input,
                          bool cut) {
    const Manner manner(input.steer);
    const auto writer = asked.door.stream_writer(reply_context(asked, manner));
    json::Document scratch;
    const auto decoder = from.dialect.reply_decoder(decode_options(from, scratch));
    std::unique_ptr<chat::Request> digest;
    std::size_t events = 0;
    decode(*decoder, input, cut, *writer, [&] {
        if (manner.pings && ++events % 3 == 0) writer->ping();
        if (digest || !writer->committed()) return;
        digest = chat::reply_digest(asked.request);
        writer->use_digest(*digest);
    });
    if (manner.given_up) {
        writer->fail(Error(ErrorKind::timeout, "no answer in time"));
    } else {
        decoder->end(true, *writer);
    }
    check(writer->done(), "an ended reply ends the stream");
    return writer->output();
}

inline void check_folded(dialect::BodyWriter& folder) {
    const auto body = folder.finish();
    if (!body) {
        check(!body.error().detail.empty(), "an error says why");
        return;
    }
    json::Document document;
    const auto message = document.parse(*body);
    check(message && message->is_object(), "a folded reply is a JSON object");
}

inline void check_stream(const Asking& asked, const Answering& from, const Steered& input) {
    const std::string whole = stream(asked, from, input, false);
    check(whole == stream(asked, from, input, true), "cutting the bytes changes nothing");
    check_grammar(asked, from, whole);

    const auto folder = asked.door.body_writer(reply_context(asked, Manner(input.steer)));
    json::Document scratch;
    const auto decoder = from.dialect.reply_decoder(decode_options(from, scratch));
    decode(*decoder, input, false, *folder, [] {});
    decoder->end(true, *folder);
    check_folded(*folder);
}

// The same bytes as a reply that is no stream, for clients that want one and for others.
inline void check_body(const Asking& asked, const Answering& from, const Steered& input) {
    const auto context = reply_context(asked, Manner(input.steer));
    json::Document scratch;
    const auto read = [&](chat::EventSink& sink) {
        const auto decoder = from.dialect.reply_decoder(decode_options(from, scratch));
        decoder->body(input.input, sink);
        decoder->end(true, sink);
    };
    const auto writer = asked.door.stream_writer(context);
    read(*writer);
    check(writer->done(), "a body ends the stream");
    check_grammar(asked, from, writer->output());
    const auto folder = asked.door.body_writer(context);
    read(*folder);
    check_folded(*folder);
}

inline std::unique_ptr<dialect::Tap> watch(const Answering& from, const Steered& input, bool cut,
                                           json::Document& scratch) {
    auto tap = from.dialect.tap(decode_options(from, scratch));
    give(input, cut, [&tap](const std::string& piece) { tap->feed(piece); });
    tap->finish();
    return tap;
}

inline void check_tap(const Answering& from, const Steered& input) {
    json::Document scratch;
    const auto whole = watch(from, input, false, scratch);
    const auto cut = watch(from, input, true, scratch);
    check(whole->committed() == cut->committed() && whole->complete() == cut->complete() &&
              whole->ended() == cut->ended(),
          "cutting the bytes changes nothing of what is seen");
    check(whole->error().has_value() == cut->error().has_value(), "nor whether it failed");
    check(whole->usage().output_tokens == cut->usage().output_tokens, "nor what it cost");
    const Error broken(ErrorKind::eof, "the answer broke off");
    dialect::SseParser parser;
    const std::string frame = whole->error_frame(broken, "req_1");
    parser.feed(frame);
    dialect::SseEvent event;
    check(parser.next(event), "an error can be told behind it");
    const auto body = from.dialect.tap(decode_options(from, scratch));
    body->body(input.input);
    check(body->ended() || body->error(), "a watched body is one or fails");
}

// One door for each input: what there is to find is found sooner.
inline void check_provider(const Answering& from, const Steered& input) {
    static const Asking doors[] = {Asking("anthropic"), Asking("openai"),
                                   Asking("openai-responses")};
    const Asking& asked = doors[input.input.size() % std::size(doors)];
    check_stream(asked, from, input);
    check_body(asked, from, input);
    if (from.dialect.tap != nullptr) check_tap(from, input);
    const Error error = from.dialect.classify(400 + input.steer, {}, input.input, {});
    check(!error.detail.empty(), "an error says why");
}

}  // namespace ccr::fuzz
