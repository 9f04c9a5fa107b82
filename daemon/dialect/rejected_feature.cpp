// SPDX-License-Identifier: MIT
#include "daemon/dialect/rejected_feature.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace ccr::dialect {
namespace {

constexpr std::array<std::string_view, 14> refusals{
    "not supported",    "unsupported",
    "does not support", "doesn't support",
    "not permitted",    "not allowed",
    "unrecognized",     "unknown parameter",
    "unknown field",    "unexpected field",
    "extra inputs",     "is only supported",
    "not a multimodal", "no endpoints found that support"};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [text](std::string_view part) { return has(text, part); });
}

bool refuses(std::string_view text) {
    return std::any_of(refusals.begin(), refusals.end(),
                       [text](std::string_view word) { return has(text, word); });
}

// A token that another router, or an earlier tier, put there already.
std::string told(std::string_view text) {
    constexpr std::string_view token = "capability_rejected: ";
    const auto at = text.find(token);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = text.substr(at + token.size());
    return std::string(rest.substr(0, rest.find_first_of(" \n\r\t\"")));
}

std::string thinking_type(std::string_view text) {
    const bool named = has_any(text, {"thinking.type", "thinking type"});
    if (!named || !refuses(text)) return {};
    if (has(text, "adaptive")) return "thinking_type:adaptive";
    return has(text, "enabled") ? "thinking_type:enabled" : "";
}

}  // namespace

std::string rejected_feature(std::string_view text) {
    if (auto token = told(text); !token.empty()) return token;
    if (has(text, "role") && has(text, "input should be 'user' or 'assistant'")) {
        return "mid_conv_system";
    }
    if (has_any(text, {"cache_control", "prompt_cache_breakpoint"}) && refuses(text))
        return "cache_control_field";
    if (has(text, "thinking") && has(text, "signature") && has(text, "invalid")) {
        return "thinking_signature";
    }
    if (auto type = thinking_type(text); !type.empty()) return type;
    const bool format = has_any(text, {"response_format", "json_schema", "output_config.format",
                                       "output_format", "structured output"});
    if (format && refuses(text)) return "structured_outputs_unsupported";
    if (has_any(text, {"reasoning_effort", "reasoning.effort", "output_config.effort"}) &&
        refuses(text)) {
        return "effort_unsupported";
    }
    if (has_any(text, {"too many images", "too much media", "maximum number of images"})) {
        return "media_budget";
    }
    const bool pdf =
        has_any(text, {"pdf", "document block", "type 'file'", "type \"file\"", "file input"});
    if (has_any(text, {"image", "vision", "multimodal"}) && !pdf && refuses(text)) {
        return "image_block";
    }
    return pdf && refuses(text) ? "document_block" : "";
}

}  // namespace ccr::dialect
