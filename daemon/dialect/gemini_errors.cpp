// SPDX-License-Identifier: MIT
// What Google's errors mean beyond what all providers' have in common.
#include <string>

#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/gemini.hpp"

namespace ccr::dialect::gemini {
namespace {

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// Features that it refuses in words of its own; empty: it is something else.
std::string_view refused(std::string_view text) {
    if (has(text, "thought_signature") || has(text, "thought signature")) {
        return "thinking_signature";
    }
    if (has(text, "parametersjsonschema") || has(text, "parameters_json_schema")) {
        return "tool_schema";
    }
    const bool schema = has(text, "responsejsonschema") || has(text, "response_json_schema") ||
                        has(text, "response_schema");
    if (schema) return "structured_outputs_unsupported";
    const bool thinking = has(text, "thinking_level") || has(text, "thinking level") ||
                          has(text, "thinking_budget") || has(text, "thinking budget") ||
                          has(text, "thinkingconfig") || has(text, "thinking_config");
    return thinking ? "effort_unsupported" : "";
}

}  // namespace

Error classify(int status, const std::vector<HeaderField>& headers, std::string_view body,
               const ClassifyContext& context) {
    Error error = dialect::classify(status, headers, body, context);
    if (error.kind != ErrorKind::rejected) return error;
    const std::string text = lower(error.detail);
    if (const std::string_view feature = refused(text); !feature.empty()) {
        error.kind = ErrorKind::capability;
        error.detail = "capability_rejected: " + std::string(feature);
    }
    return error;
}

}  // namespace ccr::dialect::gemini
