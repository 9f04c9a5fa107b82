// SPDX-License-Identifier: MIT
// Turns a registered script into a plan. A step is an object with one of these keys:
//   response {status, headers, body, gzip}   a whole response, content-length framed
//   head {status, headers, framing, length}  framing: chunked (default), length, close
//   sse VALUE        "data: VALUE"; a string goes in as it stands, anything else as JSON
//   event NAME, data VALUE                   "event: NAME" and data
//   send TEXT, raw TEXT                      body bytes, framed; socket bytes as they stand
//   text, reasoning  TEXT                    OpenAI chunk with that delta
//   delta OBJECT     OpenAI chunk with that delta
//   finish REASON, usage true, done true     OpenAI chunk endings
//   delay_ms N, gate NAME                    wait; for POST /_mock/gates/NAME
//   drip {bytes, ms}, eol TEXT               for what follows
//   gzip true        before the head
//   reset, half_close, close, hang, bad_chunk, cut true    ends the plan in that way
// Without a head, a chunked 200 text/event-stream head is sent.

#include "tests/mock/behaviours.hpp"

namespace ccr::mock {
namespace {

class ScriptRun {
  public:
    ScriptRun(const Ask& ask, Service& service) : service_(service), ask_(ask) {
        reply_.id = "chatcmpl-mock-" + std::to_string(service.next_id());
        reply_.model = ask.spec.full;
        reply_.input_tokens = ask.body_bytes / 4 + 1;
        reply_.output_tokens = 7;
    }

    // False once the script has ended the plan itself.
    bool step(const Json& step) { return control(step) && output(step); }

    PlanPtr finish(bool orderly) {
        if (orderly) need_head();
        return orderly ? builder_.finish() : builder_.abandon();
    }

  private:
    static HeaderList headers_of(const Json& place, bool json) {
        HeaderList out;
        const auto* headers = find(place, "headers");
        bool typed = false;
        if (headers != nullptr && headers->IsObject())
            for (const auto& member : headers->GetObject()) {
                out.emplace_back(string_of(&member.name), string_of(&member.value));
                typed = typed || out.back().first == "content-type";
            }
        if (!typed)
            out.emplace_back("content-type", json ? "application/json" : "text/event-stream");
        return out;
    }

    static std::string text_or_json(const Json& value) {
        return value.IsString() ? std::string(string_of(&value)) : to_json(value);
    }

    void need_head() {
        if (builder_.has_head()) return;
        builder_.head(200, reply_headers(ask_.api, true, reply_.id), Framing::chunked);
    }

    void body(std::string_view bytes) {
        need_head();
        builder_.body(bytes);
    }

    void chunk(std::string_view delta, std::string_view finish, std::string_view usage = {}) {
        body(sse_data(openai_chunk(reply_, delta, finish, usage), eol_));
    }

    void whole_response(const Json& value) {
        if (bool_of(find(value, "gzip"), false)) builder_.gzip();
        const auto* content = find(value, "body");
        const auto bytes = content == nullptr ? std::string() : text_or_json(*content);
        builder_.response(static_cast<int>(int_of(find(value, "status"), 200)),
                          headers_of(value, true), bytes);
    }

    void custom_head(const Json& value) {
        const auto framing = string_of(find(value, "framing"), "chunked");
        const auto kind = framing == "length"  ? Framing::length
                          : framing == "close" ? Framing::until_close
                                               : Framing::chunked;
        builder_.head(static_cast<int>(int_of(find(value, "status"), 200)),
                      headers_of(value, false), kind,
                      static_cast<std::size_t>(int_of(find(value, "length"), 0)));
    }

    bool fault(StepKind kind) {
        builder_.delay(5);  // what was sent before shall be read before the fault is seen
        builder_.fault(kind);
        return false;
    }

    bool control(const Json& step) {
        if (find(step, "reset") != nullptr) return fault(StepKind::reset);
        if (find(step, "half_close") != nullptr) return fault(StepKind::half_close);
        if (find(step, "close") != nullptr) return fault(StepKind::close);
        if (find(step, "hang") != nullptr) return fault(StepKind::hang);
        if (find(step, "cut") != nullptr) return false;
        if (find(step, "bad_chunk") != nullptr) {
            need_head();
            builder_.raw("ZZZ\r\nnot a chunk\r\n");
            return fault(StepKind::close);
        }
        if (const auto* ms = find(step, "delay_ms"))
            builder_.delay(static_cast<std::uint32_t>(int_of(ms, 0)));
        if (const auto* gate = find(step, "gate")) {
            const std::string name(string_of(gate));
            builder_.wait([&service = service_, name] { return service.gate_is_open(name); }, 0,
                          {});
        }
        if (const auto* drip = find(step, "drip"))
            builder_.drip(static_cast<std::uint32_t>(int_of(find(*drip, "bytes"), 1)),
                          static_cast<std::uint32_t>(int_of(find(*drip, "ms"), 0)));
        if (const auto* eol = find(step, "eol")) eol_ = string_of(eol);
        if (bool_of(find(step, "gzip"), false)) builder_.gzip();
        return true;
    }

    bool output(const Json& step) {
        if (const auto* value = find(step, "response")) whole_response(*value);
        if (const auto* value = find(step, "head")) custom_head(*value);
        if (const auto* value = find(step, "raw")) builder_.raw(string_of(value));
        if (const auto* value = find(step, "send")) body(string_of(value));
        if (const auto* value = find(step, "sse")) body(sse_data(text_or_json(*value), eol_));
        if (const auto* value = find(step, "event")) {
            const auto* data = find(step, "data");
            body(sse_event(string_of(value), data == nullptr ? "{}" : text_or_json(*data), eol_));
        }
        if (const auto* value = find(step, "reasoning"))
            chunk(R"({"reasoning_content":)" + quote(string_of(value)) + "}", {});
        if (const auto* value = find(step, "text"))
            chunk(R"({"content":)" + quote(string_of(value)) + "}", {});
        if (const auto* value = find(step, "delta")) chunk(to_json(*value), {});
        if (const auto* value = find(step, "finish")) chunk("{}", string_of(value));
        if (const auto* value = find(step, "usage"))
            chunk({}, {}, value->IsObject() ? to_json(*value) : openai_usage(reply_));
        if (find(step, "done") != nullptr) body(sse_data("[DONE]", eol_));
        return true;
    }

    Service& service_;
    const Ask& ask_;
    PlanBuilder builder_;
    Reply reply_;
    std::string eol_ = "\n";
};

}  // namespace

PlanPtr script_plan(std::string_view steps, const Ask& ask, Service& service) {
    rapidjson::Document document;
    if (!parse_json(steps, document) || !document.IsArray())
        return error_plan(ask.api, 500, "mock_error", "script is not an array of steps");
    ScriptRun run(ask, service);
    for (const auto& step : document.GetArray())
        if (!run.step(step)) return run.finish(false);
    return run.finish(true);
}

}  // namespace ccr::mock
