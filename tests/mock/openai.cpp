// SPDX-License-Identifier: MIT
// Chat Completions on the wire.
#include <algorithm>

#include "tests/mock/plan.hpp"
#include "tests/mock/reply.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t fragment = 12;  // bytes of tool arguments or reasoning per event

std::string open_delta(const ToolCall& tool, std::size_t index) {
    return R"({"tool_calls":[{"index":)" + std::to_string(index) + R"(,"id":)" + quote(tool.id) +
           R"(,"type":"function","function":{"name":)" + quote(tool.name) +
           R"(,"arguments":""}}]})";
}

std::string args_delta(std::string_view piece, std::size_t index) {
    return R"({"tool_calls":[{"index":)" + std::to_string(index) + R"(,"function":{"arguments":)" +
           quote(piece) + "}}]}";
}

std::vector<std::string_view> fragments(std::string_view text) {
    return split_even(text, text.size() / fragment + 1);
}

void add_tools_in_turn(const Reply& reply, std::vector<std::string>& deltas) {
    for (std::size_t i = 0; i < reply.tools.size(); ++i) {
        deltas.push_back(open_delta(reply.tools[i], i));
        for (const auto piece : fragments(reply.tools[i].args))
            deltas.push_back(args_delta(piece, i));
    }
}

void add_tools_interleaved(const Reply& reply, std::vector<std::string>& deltas) {
    std::vector<std::vector<std::string_view>> pieces;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < reply.tools.size(); ++i) {
        deltas.push_back(open_delta(reply.tools[i], i));
        pieces.push_back(fragments(reply.tools[i].args));
        longest = std::max(longest, pieces.back().size());
    }
    for (std::size_t round = 0; round < longest; ++round)
        for (std::size_t i = 0; i < pieces.size(); ++i)
            if (round < pieces[i].size()) deltas.push_back(args_delta(pieces[i][round], i));
}

std::vector<std::string> deltas_of(const Reply& reply) {
    std::vector<std::string> deltas{R"({"role":"assistant","content":""})"};
    for (const auto piece : fragments(reply.reasoning))
        deltas.push_back(R"({"reasoning_content":)" + quote(piece) + "}");
    for (const auto& piece : reply.text)
        deltas.push_back(R"({"content":)" + quote(piece) + "}");
    if (reply.interleave)
        add_tools_interleaved(reply, deltas);
    else
        add_tools_in_turn(reply, deltas);
    return deltas;
}

std::string message_json(const Reply& reply) {
    std::string out = R"({"role":"assistant","content":)";
    out += reply.text.empty() ? std::string("null") : quote(reply.whole_text());
    if (!reply.reasoning.empty()) out += R"(,"reasoning_content":)" + quote(reply.reasoning);
    if (reply.tools.empty()) return out + "}";
    out += R"(,"tool_calls":[)";
    for (std::size_t i = 0; i < reply.tools.size(); ++i) {
        const auto& tool = reply.tools[i];
        if (i > 0) out += ',';
        out += R"({"id":)" + quote(tool.id) + R"(,"type":"function","function":{"name":)" +
               quote(tool.name) + R"(,"arguments":)" + quote(tool.args) + "}}";
    }
    return out + "]}";
}

}  // namespace

std::string openai_usage(const Reply& reply) {
    return R"({"prompt_tokens":)" + std::to_string(reply.input_tokens) +
           R"(,"completion_tokens":)" + std::to_string(reply.output_tokens) +
           R"(,"total_tokens":)" + std::to_string(reply.input_tokens + reply.output_tokens) +
           R"(,"prompt_tokens_details":{"cached_tokens":)" + std::to_string(reply.cached_tokens) +
           "}}";
}

std::string openai_chunk(const Reply& reply, std::string_view delta, std::string_view finish,
                         std::string_view usage) {
    std::string out = R"({"id":)" + quote(reply.id) +
                      R"(,"object":"chat.completion.chunk","created":1700000000,"model":)" +
                      quote(reply.model) + R"(,"choices":[)";
    if (!delta.empty()) {
        out += R"({"index":0,"delta":)";
        out += delta;
        out += R"(,"finish_reason":)";
        out += (finish.empty() ? "null" : quote(finish)) + "}";
    }
    out += "]";
    if (!usage.empty()) out.append(R"(,"usage":)").append(usage);
    return out + "}";
}

std::vector<std::string> openai_frames(const Reply& reply) {
    std::vector<std::string> frames;
    for (const auto& delta : deltas_of(reply))
        frames.push_back(sse_data(openai_chunk(reply, delta, {})));
    frames.push_back(sse_data(openai_chunk(reply, "{}", reply.finish_reason())));
    if (reply.include_usage)
        frames.push_back(sse_data(openai_chunk(reply, {}, {}, openai_usage(reply))));
    frames.push_back(sse_data("[DONE]"));
    return frames;
}

std::string openai_body(const Reply& reply) {
    return R"({"id":)" + quote(reply.id) +
           R"(,"object":"chat.completion","created":1700000000,"model":)" + quote(reply.model) +
           R"(,"choices":[{"index":0,"message":)" + message_json(reply) + R"(,"finish_reason":)" +
           quote(reply.finish_reason()) + R"(}],"usage":)" + openai_usage(reply) + "}";
}

}  // namespace ccr::mock
