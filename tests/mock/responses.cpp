// SPDX-License-Identifier: MIT
// Responses on the wire.
#include <algorithm>

#include "tests/mock/plan.hpp"
#include "tests/mock/reply.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t fragment = 12;                                // bytes per event
constexpr std::string_view encrypted = "Z0FBQUFBbW9jay1yZWFzb25z";  // as of a thinking model

std::string field(std::string_view name, std::string_view json) {
    return "," + quote(name) + ":" + std::string(json);
}

std::string usage(const Reply& reply) {
    const auto thoughts = reply.reasoning.size() / 4;
    return R"({"input_tokens":)" + std::to_string(reply.input_tokens) +
           R"(,"input_tokens_details":{"cached_tokens":)" + std::to_string(reply.cached_tokens) +
           R"(},"output_tokens":)" + std::to_string(reply.output_tokens) +
           R"(,"output_tokens_details":{"reasoning_tokens":)" + std::to_string(thoughts) +
           R"(},"total_tokens":)" + std::to_string(reply.input_tokens + reply.output_tokens) + "}";
}

// Why the model stopped early, or nothing.
std::string_view cut_short(const Reply& reply) {
    if (reply.finish == "length") return "max_output_tokens";
    return reply.finish == "content_filter" ? "content_filter" : "";
}

std::string response(const Reply& reply, std::string_view status, const std::string& output) {
    std::string out = R"({"id":)" + quote(reply.id) + R"(,"object":"response")" +
                      R"(,"created_at":1700000000,"status":)" + quote(status) + R"(,"error":null)";
    const auto reason = cut_short(reply);
    const bool over = status != "in_progress";
    out += R"(,"incomplete_details":)";
    out += over && !reason.empty() ? R"({"reason":)" + quote(reason) + "}" : "null";
    out += field("model", quote(reply.model)) + field("output", "[" + output + "]");
    return out + field("usage", over ? usage(reply) : "null") + "}";
}

std::string reasoning_item(const Reply& reply) {
    return R"({"id":"rs_mock","type":"reasoning","summary":[{"type":"summary_text","text":)" +
           quote(reply.reasoning) + R"(}],"encrypted_content":)" + quote(encrypted) + "}";
}

// Its content is a refusal where a test's script asks for one.
bool refuses(const Reply& reply) {
    return reply.finish == "refusal";
}

std::string message_part(const Reply& reply) {
    if (refuses(reply)) return R"({"type":"refusal","refusal":)" + quote(reply.whole_text()) + "}";
    return R"({"type":"output_text","annotations":[],"logprobs":[],"text":)" +
           quote(reply.whole_text()) + "}";
}

std::string message_item(std::string_view status, std::string_view content) {
    return R"({"id":"msg_mock","type":"message","role":"assistant","status":)" + quote(status) +
           R"(,"content":[)" + std::string(content) + "]}";
}

std::string call_item(const ToolCall& tool, std::string_view status, std::string_view args) {
    return R"({"id":)" + quote("fc_" + tool.id) + R"(,"type":"function_call","status":)" +
           quote(status) + field("call_id", quote(tool.id)) + field("name", quote(tool.name)) +
           field("arguments", quote(args)) + "}";
}

class Frames {
  public:
    // `rest` is what stands behind type and number: `,"key":value…`.
    void add(std::string_view type, const std::string& rest) {
        list.push_back(sse_event(type, R"({"type":)" + quote(type) + R"(,"sequence_number":)" +
                                           std::to_string(list.size()) + rest + "}"));
    }
    void item(std::string_view what, std::size_t index, const std::string& json) {
        add("response.output_item." + std::string(what), at(index) + field("item", json));
    }
    void delta(std::string_view what, std::size_t index, std::string_view place,
               std::string_view piece) {
        add("response." + std::string(what) + ".delta",
            at(index) + std::string(place) + field("delta", quote(piece)));
    }
    static std::string at(std::size_t index) {
        return field("output_index", std::to_string(index));
    }
    std::vector<std::string> list;
};

std::vector<std::string_view> fragments(std::string_view text) {
    return split_even(text, text.size() / fragment + 1);
}

void add_reasoning(const Reply& reply, std::size_t index, Frames& out) {
    const std::string place = R"(,"item_id":"rs_mock","summary_index":0)";
    out.item("added", index, R"({"id":"rs_mock","type":"reasoning","summary":[]})");
    for (const auto piece : fragments(reply.reasoning))
        out.delta("reasoning_summary_text", index, place, piece);
    out.add("response.reasoning_summary_text.done",
            Frames::at(index) + place + field("text", quote(reply.reasoning)));
    out.item("done", index, reasoning_item(reply));
}

void add_message(const Reply& reply, std::size_t index, Frames& out) {
    const std::string place = R"(,"item_id":"msg_mock","content_index":0)";
    const std::string kind = refuses(reply) ? "refusal" : "output_text";
    const std::string whole = refuses(reply) ? "refusal" : "text";
    out.item("added", index, message_item("in_progress", {}));
    for (const auto& piece : reply.text)
        out.delta(kind, index, place, piece);
    out.add("response." + kind + ".done",
            Frames::at(index) + place + field(whole, quote(reply.whole_text())));
    out.item("done", index, message_item("completed", message_part(reply)));
}

void add_calls(const Reply& reply, std::size_t first, Frames& out) {
    std::vector<std::vector<std::string_view>> pieces;
    std::size_t rounds = 0;
    for (const auto& tool : reply.tools) {
        pieces.push_back(fragments(tool.args));
        rounds = std::max(rounds, pieces.back().size());
    }
    const auto delta = [&](std::size_t call, std::size_t piece) {
        const std::string place = field("item_id", quote("fc_" + reply.tools[call].id));
        if (piece >= pieces[call].size()) return;
        out.delta("function_call_arguments", first + call, place, pieces[call][piece]);
    };
    const auto open = [&](std::size_t call) {
        out.item("added", first + call, call_item(reply.tools[call], "in_progress", {}));
    };
    const auto close = [&](std::size_t call) {
        const auto& tool = reply.tools[call];
        out.add("response.function_call_arguments.done",
                Frames::at(first + call) + field("item_id", quote("fc_" + tool.id)) +
                    field("arguments", quote(tool.args)));
        out.item("done", first + call, call_item(tool, "completed", tool.args));
    };
    const std::size_t calls = reply.tools.size();
    for (std::size_t call = 0; call < calls; ++call) {
        open(call);
        for (std::size_t i = 0; !reply.interleave && i < rounds; ++i)
            delta(call, i);
        if (!reply.interleave) close(call);
    }
    if (!reply.interleave) return;
    for (std::size_t i = 0; i < rounds; ++i)
        for (std::size_t call = 0; call < calls; ++call)
            delta(call, i);
    for (std::size_t call = 0; call < calls; ++call)
        close(call);
}

std::string output_of(const Reply& reply) {
    std::vector<std::string> items;
    if (!reply.reasoning.empty()) items.push_back(reasoning_item(reply));
    if (!reply.text.empty()) items.push_back(message_item("completed", message_part(reply)));
    for (const auto& tool : reply.tools)
        items.push_back(call_item(tool, "completed", tool.args));
    std::string out;
    for (const auto& item : items)
        out.append(out.empty() ? "" : ",").append(item);
    return out;
}

std::string_view status_of(const Reply& reply) {
    return cut_short(reply).empty() ? "completed" : "incomplete";
}

}  // namespace

std::vector<std::string> responses_frames(const Reply& reply) {
    Frames out;
    const std::string begun = field("response", response(reply, "in_progress", {}));
    out.add("response.created", begun);
    out.add("response.in_progress", begun);
    std::size_t index = 0;
    if (!reply.reasoning.empty()) add_reasoning(reply, index++, out);
    if (!reply.text.empty()) add_message(reply, index++, out);
    add_calls(reply, index, out);
    out.add("response." + std::string(status_of(reply)),
            field("response", response(reply, status_of(reply), output_of(reply))));
    return std::move(out.list);
}

std::string responses_body(const Reply& reply) {
    return response(reply, status_of(reply), output_of(reply));
}

// The reply fails, or the stream does (`event`).
std::string responses_failure(const Reply& reply, std::string_view message, bool event) {
    const std::string error = R"("code":"server_error","message":)" + quote(message);
    if (event) {
        return sse_event("error",
                         R"({"type":"error","sequence_number":9,)" + error + R"(,"param":null})");
    }
    return sse_event("response.failed",
                     R"({"type":"response.failed","sequence_number":9,"response":{"id":)" +
                         quote(reply.id) + R"(,"object":"response","status":"failed","error":{)" +
                         error + R"(},"output":[]}})");
}

}  // namespace ccr::mock
