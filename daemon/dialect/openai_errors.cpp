// SPDX-License-Identifier: MIT
// Errors as OpenAI's clients know them: they tell by status and code what to do.
#include <algorithm>
#include <array>

#include "common/json.hpp"
#include "common/utf8.hpp"
#include "daemon/dialect/chat_door.hpp"

namespace ccr::dialect {
namespace {

struct ErrorRow {
    ErrorKind kind;
    int status;
    std::string_view type;
    std::string_view code;
};

// What differs from the kind's own status, or has a code.
constexpr std::array<ErrorRow, 13> rows{{
    {ErrorKind::unauthorized, 401, "invalid_request_error", "invalid_api_key"},
    {ErrorKind::forbidden, 403, "invalid_request_error", "forbidden"},
    {ErrorKind::not_found, 404, "invalid_request_error", ""},
    {ErrorKind::not_supported, 501, "invalid_request_error", "not_supported"},
    {ErrorKind::timeout, 504, "server_error", "timeout"},
    {ErrorKind::billing, 429, "insufficient_quota", "insufficient_quota"},
    {ErrorKind::rate_limited, 429, "rate_limit_error", "rate_limit_exceeded"},
    {ErrorKind::overloaded, 503, "server_error", "server_is_overloaded"},
    {ErrorKind::unavailable, 503, "server_error", "server_is_overloaded"},
    {ErrorKind::context_overflow, 400, "invalid_request_error", "context_length_exceeded"},
    {ErrorKind::policy, 400, "invalid_request_error", "content_filter"},
    {ErrorKind::model_missing, 404, "invalid_request_error", "model_not_found"},
    {ErrorKind::capability, 400, "invalid_request_error", "unsupported_value"},
}};

ErrorRow row_of(ErrorKind kind) {
    const auto* found = std::find_if(rows.begin(), rows.end(),
                                     [kind](const ErrorRow& row) { return row.kind == kind; });
    if (found != rows.end()) return *found;
    const int status = traits(kind).status;
    return {kind, status, status < 500 ? "invalid_request_error" : "server_error", ""};
}

std::string_view code_of(const Error& error, const ErrorRow& row) {
    // A provider's own codes mean something else in this place.
    const bool ours = !error.code.empty() && error.kind <= ErrorKind::not_supported;
    return ours ? std::string_view(error.code) : row.code;
}

std::string body(const Error& error, std::string_view /*request_id*/) {
    const ErrorRow row = row_of(error.kind);
    const std::string_view code = code_of(error, row);
    std::string out;
    out.reserve(error.detail.size() + 128);
    json::Writer writer(out);
    writer.begin_object().key("error").begin_object();
    writer.key("message").string(error.detail).key("type").string(row.type);
    writer.key("param").null().key("code");
    if (code.empty()) {
        writer.null();
    } else {
        writer.string(code);
    }
    writer.end_object().end_object();
    if (!utf8::valid(out)) utf8::repair_json(out);
    return out;
}

}  // namespace

const ErrorForm openai_errors{
    .body = body,
    .status = [](ErrorKind kind) { return row_of(kind).status; },
};

std::string_view openai_error_code(const Error& error) {
    const ErrorRow row = row_of(error.kind);
    const std::string_view code = code_of(error, row);
    if (!code.empty()) return code;
    return row.status < 500 ? "invalid_prompt" : "server_error";
}

std::string chat_door::error_frame(const Error& error, std::string_view request_id) {
    std::string frame = "data: ";
    frame += body(error, request_id);
    return frame += "\n\n";
}

}  // namespace ccr::dialect
