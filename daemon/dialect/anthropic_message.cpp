// SPDX-License-Identifier: MIT
#include "daemon/dialect/anthropic_message.hpp"

namespace ccr::dialect::anthropic {

std::string_view stop_word(chat::Stop stop) {
    switch (stop) {
        case chat::Stop::end_turn:
            return "end_turn";
        case chat::Stop::max_tokens:
            return "max_tokens";
        case chat::Stop::stop_sequence:
            return "stop_sequence";
        case chat::Stop::tool_use:
            return "tool_use";
        case chat::Stop::refusal:
            return "refusal";
        case chat::Stop::pause_turn:
            return "pause_turn";
        case chat::Stop::context_window:
            return "model_context_window_exceeded";
    }
    return "end_turn";
}

void write_ending(json::Writer& writer, const Ending& ending) {
    writer.key("stop_reason").string(stop_word(ending.stop));
    writer.key("stop_sequence");
    if (ending.stop == chat::Stop::stop_sequence) {
        writer.string(ending.stop_sequence);
    } else {
        writer.null();
    }
    writer.key("stop_details");
    if (ending.stop != chat::Stop::refusal) {
        writer.null();
        return;
    }
    writer.begin_object().key("type").string("refusal").key("category").null();
    writer.key("explanation");
    if (ending.explanation.empty()) {
        writer.null();
    } else {
        writer.escaped(ending.explanation.bytes);
    }
    writer.end_object();
}

void write_usage(json::Writer& writer, const chat::Usage& usage) {
    writer.begin_object().key("input_tokens").number(usage.input_tokens);
    if (usage.cache_creation_tokens) {
        writer.key("cache_creation_input_tokens").number(*usage.cache_creation_tokens);
    }
    if (usage.cache_read_tokens) {
        writer.key("cache_read_input_tokens").number(*usage.cache_read_tokens);
    }
    writer.key("output_tokens").number(usage.output_tokens);
    if (usage.thinking_tokens) {
        writer.key("output_tokens_details").begin_object();
        writer.key("thinking_tokens").number(*usage.thinking_tokens).end_object();
    }
    writer.key("server_tool_use");
    if (usage.web_searches > 0) {
        writer.begin_object().key("web_search_requests").number(usage.web_searches).end_object();
    } else {
        writer.null();
    }
    writer.end_object();
}

std::string_view stream_error_type(ErrorKind kind, bool committed) {
    switch (kind) {
        case ErrorKind::rate_limited:
        case ErrorKind::overloaded:
        case ErrorKind::unavailable:
            return "overloaded_error";
        case ErrorKind::timeout:
            return "timeout_error";
        default:
            return committed ? "api_error" : traits(kind).wire_type;
    }
}

}  // namespace ccr::dialect::anthropic
