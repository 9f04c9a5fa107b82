// SPDX-License-Identifier: MIT
// What the fake model says, before it has a wire format; and the wire formats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/mock/json_util.hpp"
#include "tests/mock/model_spec.hpp"

namespace ccr::mock {

enum class Api { openai, anthropic, gemini, responses };

struct ToolCall {
    std::string id;
    std::string name;
    std::string args;  // JSON text
};

struct Reply {
    std::string id;
    std::string model;
    std::string reasoning;
    std::vector<std::string> text;  // pieces, one per event
    std::vector<ToolCall> tools;
    bool interleave = false;     // arguments of parallel calls take turns
    bool include_usage = false;  // OpenAI streams only; Anthropic always reports it
    std::string finish;          // OpenAI's word; empty: "stop" or "tool_calls"
    std::uint64_t input_tokens = 0;
    std::uint64_t cached_tokens = 0;
    std::uint64_t output_tokens = 0;

    [[nodiscard]] std::string whole_text() const;
    [[nodiscard]] std::string finish_reason() const;
};

// The request as far as the mock looks at it.
struct Ask {
    Api api = Api::openai;
    const Json* body = nullptr;
    ModelSpec spec{""};
    bool stream = false;
    bool include_usage = false;
    std::uint64_t body_bytes = 0;
};

// Text of the last message that the user wrote, and of the last tool result if that came last.
std::string last_user_text(const Json& body);
bool ends_with_tool_result(const Json& body, std::string& content);

// Names and schemas of the offered tools, in any of the formats.
struct OfferedTool {
    std::string name;
    const Json* schema = nullptr;
};
std::vector<OfferedTool> offered_tools(const Json& body);
// Arguments that fit the schema as far as its types, enums and required list tell.
std::string plausible_arguments(const OfferedTool& tool);

// Frames of a complete stream, one event each, "[DONE]" included.
std::vector<std::string> openai_frames(const Reply& reply);
std::vector<std::string> anthropic_frames(const Reply& reply);
std::string openai_body(const Reply& reply);
std::string anthropic_body(const Reply& reply);
std::vector<std::string> gemini_frames(const Reply& reply);
std::string gemini_body(const Reply& reply);
std::string gemini_error(int status, std::string_view message);
std::vector<std::string> responses_frames(const Reply& reply);
std::string responses_body(const Reply& reply);
// A frame that says that the reply failed, or with `event` that the stream did.
std::string responses_failure(const Reply& reply, std::string_view message, bool event);
// One OpenAI chunk as JSON text; `delta` and `usage` are JSON texts, "" or "null" where absent.
std::string openai_chunk(const Reply& reply, std::string_view delta, std::string_view finish,
                         std::string_view usage = {});
std::string openai_usage(const Reply& reply);

std::vector<std::string> frames_of(Api api, const Reply& reply);
std::string body_of(Api api, const Reply& reply);

}  // namespace ccr::mock
