// SPDX-License-Identifier: MIT
// generateContent and streamGenerateContent on the wire.
#include <algorithm>
#include <cctype>

#include "tests/mock/plan.hpp"
#include "tests/mock/reply.hpp"

namespace ccr::mock {
namespace {

constexpr std::size_t fragment = 12;                            // bytes of a thought per chunk
constexpr std::string_view signature = "bW9jayBzaWduYXR1cmU=";  // as of a thinking model's call

std::string text_part(std::string_view text, bool thought) {
    return R"({"text":)" + quote(text) + (thought ? R"(,"thought":true})" : "}");
}

// Calls come whole; the first of a turn bears the signature.
std::string call_part(const ToolCall& tool, bool first) {
    return R"({"functionCall":{"name":)" + quote(tool.name) + R"(,"args":)" + tool.args + "}" +
           (first ? R"(,"thoughtSignature":)" + quote(signature) : std::string()) + "}";
}

std::string usage(const Reply& reply) {
    const auto thoughts = reply.reasoning.size() / 4;
    return R"({"promptTokenCount":)" + std::to_string(reply.input_tokens) +
           R"(,"cachedContentTokenCount":)" + std::to_string(reply.cached_tokens) +
           R"(,"candidatesTokenCount":)" + std::to_string(reply.output_tokens) +
           R"(,"thoughtsTokenCount":)" + std::to_string(thoughts) + R"(,"totalTokenCount":)" +
           std::to_string(reply.input_tokens + reply.output_tokens + thoughts) + "}";
}

// OpenAI's words in a test's script, in Gemini's.
std::string finish_of(const Reply& reply) {
    if (reply.finish.empty()) return "STOP";
    if (reply.finish == "length") return "MAX_TOKENS";
    if (reply.finish == "content_filter") return "SAFETY";
    std::string out = reply.finish;
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

std::string chunk(const Reply& reply, const std::string& parts, bool last) {
    std::string out =
        R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"},"index":0)";
    if (last) out += R"(,"finishReason":)" + quote(finish_of(reply));
    out += "}]";
    if (last) out += R"(,"usageMetadata":)" + usage(reply);
    return out + R"(,"modelVersion":)" + quote(reply.model) + R"(,"responseId":)" +
           quote(reply.id) + "}";
}

std::vector<std::string> parts_of(const Reply& reply, bool whole) {
    std::vector<std::string> out;
    const std::size_t pieces = whole ? 1 : reply.reasoning.size() / fragment + 1;
    if (!reply.reasoning.empty())
        for (const auto piece : split_even(reply.reasoning, pieces))
            out.push_back(text_part(piece, true));
    if (whole && !reply.text.empty()) {
        out.push_back(text_part(reply.whole_text(), false));
    } else {
        for (const auto& piece : reply.text)
            out.push_back(text_part(piece, false));
    }
    for (const auto& tool : reply.tools)
        out.push_back(call_part(tool, &tool == &reply.tools.front()));
    return out;
}

}  // namespace

std::vector<std::string> gemini_frames(const Reply& reply) {
    std::vector<std::string> frames;
    for (const auto& part : parts_of(reply, false))
        frames.push_back(sse_data(chunk(reply, part, false)));
    frames.push_back(sse_data(chunk(reply, text_part("", false), true)));
    return frames;
}

std::string gemini_body(const Reply& reply) {
    std::string parts;
    for (const auto& part : parts_of(reply, true)) {
        if (!parts.empty()) parts += ',';
        parts += part;
    }
    return chunk(reply, parts, true);
}

std::string gemini_error(int status, std::string_view message) {
    const auto* word = "INTERNAL";
    if (status == 400) word = "INVALID_ARGUMENT";
    if (status == 401) word = "UNAUTHENTICATED";
    if (status == 403) word = "PERMISSION_DENIED";
    if (status == 404) word = "NOT_FOUND";
    if (status == 429) word = "RESOURCE_EXHAUSTED";
    if (status == 503) word = "UNAVAILABLE";
    return R"({"error":{"code":)" + std::to_string(status) + R"(,"message":)" + quote(message) +
           R"(,"status":)" + quote(word) + "}}";
}

}  // namespace ccr::mock
