// SPDX-License-Identifier: MIT
// Anthropic Messages on the wire.
#include "tests/mock/plan.hpp"
#include "tests/mock/reply.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t fragment = 12;
constexpr std::string_view signature = "bW9jay1zaWduYXR1cmU=";

std::string stop_reason(const Reply& reply) {
    const auto finish = reply.finish_reason();
    if (finish == "length") return "max_tokens";
    if (finish == "tool_calls") return "tool_use";
    if (finish == "content_filter") return "refusal";
    return "end_turn";
}

std::string usage_json(const Reply& reply, std::uint64_t output) {
    return R"({"input_tokens":)" + std::to_string(reply.input_tokens - reply.cached_tokens) +
           R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":)" +
           std::to_string(reply.cached_tokens) + R"(,"output_tokens":)" + std::to_string(output) +
           "}";
}

std::string message_json(const Reply& reply, std::string_view content, bool final) {
    std::string out = R"({"id":)" + quote(reply.id) +
                      R"(,"type":"message","role":"assistant","model":)" + quote(reply.model) +
                      R"(,"content":[)";
    out.append(content).append(R"(],"stop_reason":)");
    out += final ? quote(stop_reason(reply)) : std::string("null");
    out += R"(,"stop_sequence":null,"usage":)";
    return out + usage_json(reply, final ? reply.output_tokens : 1) + "}";
}

class Frames {
  public:
    void add(std::string_view type, std::string_view rest) {
        std::string json = R"({"type":)" + quote(type);
        if (!rest.empty()) json.append(",").append(rest);
        list.push_back(sse_event(type, json + "}"));
    }
    void open(std::string_view block) {
        add("content_block_start", at() + R"(,"content_block":)" + std::string(block));
    }
    void delta(std::string_view type, std::string_view field, std::string_view text) {
        add("content_block_delta", at() + R"(,"delta":{"type":)" + quote(type) + "," +
                                       quote(field) + ":" + quote(text) + "}");
    }
    void stop() {
        add("content_block_stop", at());
        ++index_;
    }
    std::vector<std::string> list;

  private:
    [[nodiscard]] std::string at() const { return R"("index":)" + std::to_string(index_); }
    int index_ = 0;
};

void add_reasoning(const Reply& reply, Frames& out) {
    if (reply.reasoning.empty()) return;
    out.open(R"({"type":"thinking","thinking":"","signature":""})");
    for (const auto piece : split_even(reply.reasoning, reply.reasoning.size() / fragment + 1))
        out.delta("thinking_delta", "thinking", piece);
    out.delta("signature_delta", "signature", signature);
    out.stop();
}

void add_tool(const ToolCall& tool, Frames& out) {
    out.open(R"({"type":"tool_use","id":)" + quote(tool.id) + R"(,"name":)" + quote(tool.name) +
             R"(,"input":{}})");
    for (const auto piece : split_even(tool.args, tool.args.size() / fragment + 1))
        out.delta("input_json_delta", "partial_json", piece);
    out.stop();
}

}  // namespace

std::vector<std::string> anthropic_frames(const Reply& reply) {
    Frames out;
    out.add("message_start", R"("message":)" + message_json(reply, {}, false));
    out.add("ping", {});
    add_reasoning(reply, out);
    if (!reply.text.empty()) {
        out.open(R"({"type":"text","text":""})");
        for (const auto& piece : reply.text)
            out.delta("text_delta", "text", piece);
        out.stop();
    }
    for (const auto& tool : reply.tools)
        add_tool(tool, out);
    out.add("message_delta", R"("delta":{"stop_reason":)" + quote(stop_reason(reply)) +
                                 R"(,"stop_sequence":null},"usage":)" +
                                 usage_json(reply, reply.output_tokens));
    out.add("message_stop", {});
    return std::move(out.list);
}

std::string anthropic_body(const Reply& reply) {
    std::string content;
    const auto add = [&content](const std::string& block) {
        if (!content.empty()) content += ',';
        content += block;
    };
    if (!reply.reasoning.empty())
        add(R"({"type":"thinking","thinking":)" + quote(reply.reasoning) + R"(,"signature":)" +
            quote(signature) + "}");
    if (!reply.text.empty()) add(R"({"type":"text","text":)" + quote(reply.whole_text()) + "}");
    for (const auto& tool : reply.tools)
        add(R"({"type":"tool_use","id":)" + quote(tool.id) + R"(,"name":)" + quote(tool.name) +
            R"(,"input":)" + tool.args + "}");
    return message_json(reply, content, true);
}

}  // namespace ccr::mock
