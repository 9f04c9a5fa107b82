// SPDX-License-Identifier: MIT
// Ways to fail, each a built-in model. Common keys: after=N (events sent before the fault; -1: not
// even a response head), interval_ms, shape=..., status=..., header.NAME=VALUE, body=...
#include <array>
#include <ctime>
#include <limits>
#include <map>

#include "tests/mock/behaviours.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

std::string http_date(std::int64_t seconds_from_now) {
    const std::time_t when = std::time(nullptr) + static_cast<std::time_t>(seconds_from_now);
    std::tm parts{};
    gmtime_r(&when, &parts);
    std::array<char, 64> text{};
    const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

void add_asked_headers(const ModelSpec& spec, HeaderList& headers) {
    constexpr std::string_view prefix = "header.";
    for (const auto& [key, value] : spec.values) {
        if (key.rfind(prefix, 0) == 0) headers.emplace_back(key.substr(prefix.size()), value);
        if (key == "retry_after") headers.emplace_back("retry-after", value);
        if (key == "retry_after_ms") headers.emplace_back("retry-after-ms", value);
        if (key == "retry_after_date")
            headers.emplace_back("retry-after", http_date(spec.number(key, 1)));
    }
}

PlanPtr respond(const Ask& ask, int status, std::string_view type, const std::string& body) {
    PlanBuilder builder;
    if (ask.spec.has("close")) builder.close_at_end();
    if (ask.spec.has("gzip")) builder.gzip();
    if (ask.spec.has("delay_ms")) builder.delay(ask.spec.millis("delay_ms", 0));
    HeaderList headers{{"content-type", std::string(type)}};
    if (ask.api == Api::anthropic) headers.emplace_back("request-id", "req_mock_error");
    add_asked_headers(ask.spec, headers);
    builder.response(static_cast<int>(ask.spec.number("status", status)), headers,
                     ask.spec.text("body", body));
    return builder.finish();
}

PlanPtr refuse(const Ask& ask, int status, std::string_view type, std::string_view message) {
    const auto said = ask.spec.text("message", message);
    const auto kind = ask.spec.text("type", type);
    return respond(ask, status, "application/json", error_json(ask.api, status, kind, said));
}

// The event shapes in which providers report an error inside a 200 stream.
std::string error_frame(const Ask& ask, const Reply& reply) {
    const auto shape = ask.spec.text("shape", ask.api == Api::anthropic ? "anthropic" : "openai");
    const auto said = quote(ask.spec.text("message", "The server had an error"));
    if (ask.api == Api::gemini)
        return gemini_error(503, ask.spec.text("message", "The server had an error")) + "\n\n";
    if (ask.api == Api::responses) {
        return responses_failure(reply, ask.spec.text("message", "The server had an error"),
                                 shape == "event");
    }
    if (shape == "text") return sse_data(R"({"error":)" + said + "}");
    if (shape == "vllm")
        return sse_data(R"({"object":"error","message":)" + said +
                        R"(,"type":"InternalServerError","param":null,"code":500})");
    if (shape == "anthropic")
        return sse_event(
            "error",
            R"({"type":"error","error":{"type":"overloaded_error","message":)" + said + "}}");
    if (shape == "event") return sse_event("error", R"({"message":)" + said + "}");
    if (shape == "openrouter")
        return sse_data(
            R"({"id":)" + quote(reply.id) +
            R"(,"object":"chat.completion.chunk","error":{"code":502,"message":)" + said +
            R"(},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]})");
    if (shape == "minimax")
        return sse_data(R"({"base_resp":{"status_code":1002,"status_msg":)" + said + "}}");
    if (shape == "glm") return sse_data(R"({"code":"1302","message":)" + said + "}");
    if (shape == "fastapi") return sse_data(R"({"detail":)" + said + "}");
    return sse_data(R"({"error":{"message":)" + said + R"(,"type":"server_error","code":null}})");
}

// Sends the response up to the fault: `after` events of a stream, or half of a plain body.
void lead_in(PlanBuilder& builder, const Ask& ask, Service& service, std::int64_t after) {
    after = ask.spec.number("after", after);
    if (ask.spec.has("delay_ms")) builder.delay(ask.spec.millis("delay_ms", 0));
    if (after < 0) return;
    const auto reply = make_reply(ask, service);
    if (ask.stream) {
        builder.head(200, reply_headers(ask.api, true, reply.id), Framing::chunked);
        play_frames(builder, ask, frames_of(ask.api, reply), static_cast<std::size_t>(after));
        return;
    }
    const auto body = body_of(ask.api, reply);
    builder.head(200, reply_headers(ask.api, false, reply.id), Framing::length, body.size());
    builder.raw(std::string_view(body).substr(0, after == 0 ? 0 : body.size() / 2));
}

PlanPtr broken(const Ask& ask, Service& service, StepKind kind, std::int64_t after) {
    PlanBuilder builder;
    lead_in(builder, ask, service, after);
    // The bytes so far shall be read as such, not lost to the fault.
    builder.delay(ask.spec.millis("pause_ms", kind == StepKind::hang ? 0 : 10));
    builder.fault(kind);
    return builder.abandon();
}

PlanPtr slow_drip(const Ask& ask, Service& service) {
    const auto reply = make_reply(ask, service);
    PlanBuilder builder;
    builder.drip(ask.spec.millis("bytes", 1), ask.spec.millis("ms", 1));
    if (!ask.stream) {
        builder.response(200, reply_headers(ask.api, false, reply.id), body_of(ask.api, reply));
        return builder.finish();
    }
    builder.head(200, reply_headers(ask.api, true, reply.id), Framing::chunked);
    play_frames(builder, ask, frames_of(ask.api, reply), all);
    return builder.finish();
}

PlanPtr bad_chunk(const Ask& ask, Service& service) {
    PlanBuilder builder;
    lead_in(builder, ask, service, 2);
    if (!ask.stream) {
        builder.fault(StepKind::close);
        return builder.abandon();
    }
    builder.raw("ZZZ\r\nnot a chunk\r\n");
    builder.close_at_end();
    return builder.abandon();
}

// The stream ends in good order as far as HTTP can tell, but the model never finished.
PlanPtr truncated(const Ask& ask, Service& service) {
    if (!ask.stream) return broken(ask, service, StepKind::close, 1);
    PlanBuilder builder;
    lead_in(builder, ask, service, 3);
    return builder.finish();
}

PlanPtr error_in_200(const Ask& ask, Service& service) {
    if (!ask.stream)
        return respond(ask, 200, "application/json",
                       error_json(ask.api, 200, "server_error", "The server had an error"));
    PlanBuilder builder;
    lead_in(builder, ask, service, 0);
    builder.body(error_frame(ask, make_reply(ask, service)));
    return builder.finish();
}

PlanPtr bad_json(const Ask& ask, Service& service) {
    if (!ask.stream) return respond(ask, 200, "application/json", R"({"id":"chatcmpl-mock","choi)");
    PlanBuilder builder;
    lead_in(builder, ask, service, 2);
    builder.body(sse_data(R"({"id":"chatcmpl-mock","choices":[{"delta":{"content":"x)"));
    return builder.finish();
}

// The wordings by which providers say that the prompt does not fit.
PlanPtr overflow(const Ask& ask, Service&) {
    const auto* usual = ask.api == Api::gemini      ? "gemini"
                        : ask.api == Api::anthropic ? "anthropic"
                                                    : "openai";
    const auto shape = ask.spec.text("shape", usual);
    static const std::map<std::string, std::string, std::less<>> wording{
        {"openai",
         "This model's maximum context length is 128000 tokens. However, your messages resulted in "
         "140000 tokens. Please reduce the length of the messages."},
        {"anthropic", "prompt is too long: 210000 tokens > 200000 maximum"},
        {"gemini",
         "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."},
        {"llamacpp",
         "the request exceeds the available context size (4096 tokens), try increasing it"},
        {"qwen", "Range of input length should be [1, 129024]"},
        {"glm", "Prompt exceeds max length"},
        {"lmstudio",
         "Trying to keep the first 9000 tokens when context the overflows. However, the model is "
         "loaded with context length of only 4096 tokens"}};
    if (shape == "vllm")
        return respond(
            ask, 400, "application/json",
            R"({"object":"error","message":"This model's maximum context length is 32768 tokens. However, you requested 40000 tokens in the messages, Please reduce the length of the messages.","type":"BadRequestError","param":null,"code":400})");
    const auto found = wording.find(shape);
    const auto text = found == wording.end() ? wording.find("openai")->second : found->second;
    if (ask.api == Api::anthropic) return refuse(ask, 400, "invalid_request_error", text);
    return respond(
        ask, 400, "application/json",
        R"({"error":{"message":)" + quote(text) +
            R"(,"type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})");
}

PlanPtr html_error(const Ask& ask, Service&) {
    return respond(
        ask, 502, "text/html",
        "<html><head><title>502 Bad Gateway</title></head><body>"
        "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>");
}

PlanPtr max_tokens(const Ask& ask, Service&) {
    return refuse(ask, 400, "invalid_request_error",
                  "max_tokens is too large: 128000. This model supports at most 8192 completion "
                  "tokens, whereas you provided 128000.");
}

PlanPtr plain_status(const Ask& ask) {
    struct Row {
        std::string_view name;
        int status;
        std::string_view openai_type;
        std::string_view anthropic_type;
        std::string_view message;
    };
    static constexpr std::array<Row, 6> rows{{
        {"mock-429", 429, "rate_limit_exceeded", "rate_limit_error", "Rate limit reached"},
        {"mock-500", 500, "server_error", "api_error", "The server had an error"},
        {"mock-503", 503, "service_unavailable", "api_error", "The engine is overloaded"},
        {"mock-529", 529, "overloaded", "overloaded_error", "Overloaded"},
        {"mock-401", 401, "invalid_api_key", "authentication_error", "Incorrect API key provided"},
        {"mock-status", 400, "invalid_request_error", "invalid_request_error", "Asked-for error"},
    }};
    for (const auto& row : rows) {
        if (row.name != ask.spec.name) continue;
        const auto type = ask.api == Api::anthropic ? row.anthropic_type : row.openai_type;
        const auto status = static_cast<int>(ask.spec.number("status", row.status));
        return refuse(ask, status, type, row.message);
    }
    return nullptr;
}

}  // namespace

std::string error_json(Api api, int status, std::string_view type, std::string_view message) {
    if (api == Api::gemini) return gemini_error(status, message);
    if (api == Api::anthropic)
        return R"({"type":"error","error":{"type":)" + quote(type) + R"(,"message":)" +
               quote(message) + R"(},"request_id":"req_mock_error"})";
    return R"({"error":{"message":)" + quote(message) + R"(,"type":)" + quote(type) +
           R"(,"param":null,"code":)" + std::to_string(status) + "}}";
}

PlanPtr fault_plan(const Ask& ask, Service& service) {
    const auto& name = ask.spec.name;
    if (name == "mock-reset") return broken(ask, service, StepKind::reset, 2);
    if (name == "mock-half-close") return broken(ask, service, StepKind::half_close, 2);
    if (name == "mock-hang") return broken(ask, service, StepKind::hang, -1);
    if (name == "mock-slow-drip") return slow_drip(ask, service);
    if (name == "mock-bad-chunk") return bad_chunk(ask, service);
    if (name == "mock-truncated") return truncated(ask, service);
    if (name == "mock-200-error") return error_in_200(ask, service);
    if (name == "mock-bad-json") return bad_json(ask, service);
    if (name == "mock-overflow") return overflow(ask, service);
    if (name == "mock-html-error") return html_error(ask, service);
    if (name == "mock-max-tokens") return max_tokens(ask, service);
    if (name == "mock-empty-200") return respond(ask, 200, "application/json", {});
    return plain_status(ask);
}

}  // namespace ccr::mock
