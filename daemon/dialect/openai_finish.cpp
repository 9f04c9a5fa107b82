// SPDX-License-Identifier: MIT
#include "daemon/dialect/openai_finish.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace ccr::dialect {
namespace {

using chat::Stop;

struct Row {
    std::string_view word;
    Stop stop;
};

// Compared without regard to case: compatibility layers pass other providers' words on.
constexpr std::array stops{
    Row{"stop", Stop::end_turn},
    Row{"eos", Stop::end_turn},
    Row{"eos_token", Stop::end_turn},
    Row{"end_turn", Stop::end_turn},
    Row{"complete", Stop::end_turn},
    Row{"stop_sequence", Stop::end_turn},  // which one, the provider does not say here
    Row{"tool_calls", Stop::tool_use},
    Row{"tool_call", Stop::tool_use},
    Row{"tool_use", Stop::tool_use},
    Row{"function_call", Stop::tool_use},
    Row{"length", Stop::max_tokens},
    Row{"max_tokens", Stop::max_tokens},
    Row{"model_length", Stop::max_tokens},
    Row{"max_output_tokens", Stop::max_tokens},
    Row{"continuation", Stop::max_tokens},
    Row{"model_context_window_exceeded", Stop::context_window},
    Row{"content_filter", Stop::refusal},
    Row{"sensitive", Stop::refusal},
    Row{"refusal", Stop::refusal},
    Row{"safety", Stop::refusal},
    Row{"recitation", Stop::refusal},
    Row{"blocklist", Stop::refusal},
    Row{"prohibited_content", Stop::refusal},
    Row{"spii", Stop::refusal},
};

struct Failure {
    std::string_view word;
    ErrorKind kind;
};

constexpr std::array failures{
    Failure{"error", ErrorKind::server_error},
    Failure{"network_error", ErrorKind::server_error},
    Failure{"abort", ErrorKind::server_error},
    Failure{"insufficient_system_resource", ErrorKind::overloaded},
    Failure{"malformed_function_call", ErrorKind::malformed},
    Failure{"unexpected_tool_call", ErrorKind::malformed},
};

}  // namespace

FinishReason read_finish_reason(std::string_view reason) {
    const auto named = [reason](const auto& row) { return iequals(row.word, reason); };
    if (const auto* row = std::find_if(stops.begin(), stops.end(), named); row != stops.end()) {
        return {row->stop};
    }
    const auto* failure = std::find_if(failures.begin(), failures.end(), named);
    if (failure != failures.end()) return {Stop::end_turn, failure->kind};
    if (reason.size() > 6 && iequals(reason.substr(0, 6), "image_")) return {Stop::refusal};
    return {Stop::end_turn, {}, true};
}

}  // namespace ccr::dialect
