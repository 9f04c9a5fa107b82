// SPDX-License-Identifier: MIT
// The table of wire formats. A new one is a file (or a few) and a row here.
#include <algorithm>
#include <iterator>

#include "daemon/dialect/anthropic.hpp"
#include "daemon/dialect/anthropic_reply.hpp"
#include "daemon/dialect/anthropic_splice.hpp"
#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/door_stream.hpp"
#include "daemon/dialect/gemini.hpp"
#include "daemon/dialect/openai_chat.hpp"
#include "daemon/dialect/openai_chat_reply.hpp"
#include "daemon/dialect/responses.hpp"
#include "daemon/dialect/responses_door.hpp"

namespace ccr::dialect {
namespace {

constexpr Dialect dialects[] = {
    {
        .name = "anthropic",
        .path = "/v1/messages",
        .decode_request = anthropic::decode_request,
        .decode_count_request = anthropic::decode_count_request,
        .stream_writer = anthropic_stream_writer,
        .body_writer = anthropic_body_writer,
        .errors = &anthropic_errors,
        .error_frame = anthropic_error_frame,
        .keep_alive = anthropic_ping,
        .end_mark = anthropic_end_mark,
        .prewarms = true,
        .own_errors = true,
        .splice = anthropic_splice,
        .tap = anthropic_tap,
        .encode_request = anthropic::encode_request,
        .reply_decoder = anthropic_reply_decoder,
        .classify = classify,
    },
    {
        .name = "openai",
        .path = "/chat/completions",
        .decode_request = chat_door::decode_request,
        .stream_writer = chat_door::stream_writer,
        .body_writer = chat_door::body_writer,
        .errors = &openai_errors,
        .error_frame = chat_door::error_frame,
        .keep_alive = DoorStream::comment,
        .end_mark = chat_door::end_mark,
        .splice = chat_door::splice,
        .can_splice = chat_door::can_splice,
        .tap = chat_door::tap,
        .encode_request = openai_chat::encode_request,
        .reply_decoder = openai_chat_reply_decoder,
        .classify = classify,
    },
    {
        .name = "gemini",
        .path = "/v1beta/models",
        .encode_request = gemini::encode_request,
        .reply_decoder = gemini::reply_decoder,
        .classify = gemini::classify,
    },
    {
        .name = "openai-responses",
        .path = "/responses",
        .decode_request = responses_door::decode_request,
        .stream_writer = responses_door::stream_writer,
        .body_writer = responses_door::body_writer,
        .errors = &openai_errors,
        .error_frame = responses_door::error_frame,
        .numbers_events = true,
        .keep_alive = DoorStream::comment,
        .splice = responses_door::splice,
        .can_splice = responses_door::can_splice,
        .tap = responses_door::tap,
        .encode_request = responses::encode_request,
        .reply_decoder = responses::reply_decoder,
        .classify = responses::classify,
    },
};

}  // namespace

void Tap::drain() {
    SseEvent event;
    while (parser_.next(event)) {
        look_at(event);
        if (error_ && event.bare) told_ = false;
    }
    if (parser_.overflowed() && !error_) {
        error_ = Error(ErrorKind::malformed, "an event of the provider's stream is too large");
    }
}

const Dialect* find(std::string_view name) {
    const auto* found = std::find_if(std::begin(dialects), std::end(dialects),
                                     [name](const Dialect& row) { return row.name == name; });
    return found == std::end(dialects) ? nullptr : found;
}

}  // namespace ccr::dialect
