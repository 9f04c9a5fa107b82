// SPDX-License-Identifier: MIT
#include "daemon/dialect/classify.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "daemon/dialect/overflow.hpp"
#include "daemon/dialect/provider_error.hpp"
#include "daemon/dialect/rejected_feature.hpp"
#include "daemon/dialect/retry_after.hpp"

namespace ccr::dialect {
namespace {

using K = ErrorKind;

struct Row {
    std::string_view word;
    ErrorKind kind;
};

// Codes and types, whole, in lower case. Numbers without a prefix are Z.AI's.
constexpr std::array code_rows{
    Row{"content_policy_violation", K::policy},
    Row{"content_filter", K::policy},
    Row{"responsibleaipolicyviolation", K::policy},
    Row{"datainspectionfailed", K::policy},
    Row{"data_inspection_failed", K::policy},
    Row{"policy_blocked", K::policy},
    Row{"1301", K::policy},
    Row{"minimax:1026", K::policy},
    Row{"minimax:1027", K::policy},
    Row{"insufficient_quota", K::billing},
    Row{"billing_hard_limit_reached", K::billing},
    Row{"credit_balance_exhausted", K::billing},
    Row{"exceeded_current_quota_error", K::billing},
    Row{"enforced_spend_limit_reached", K::billing},
    Row{"contract_spend_limit_reached", K::billing},
    Row{"billing_error", K::billing},
    Row{"perday", K::billing},
    Row{"1113", K::billing},
    Row{"1308", K::billing},
    Row{"1309", K::billing},
    Row{"1310", K::billing},
    Row{"1311", K::billing},
    Row{"1313", K::billing},
    Row{"minimax:1008", K::billing},
    Row{"model_not_found", K::model_missing},
    Row{"1211", K::model_missing},
    Row{"1221", K::model_missing},
    Row{"1222", K::model_missing},
    Row{"engine_overloaded_error", K::overloaded},
    Row{"overloaded_error", K::overloaded},
    Row{"server_is_overloaded", K::overloaded},
    Row{"slow_down", K::overloaded},
    Row{"unavailable", K::overloaded},
    Row{"queue_exceeded", K::overloaded},
    Row{"1312", K::overloaded},
    Row{"rate_limit_error", K::rate_limited},
    Row{"rate_limit_exceeded", K::rate_limited},
    Row{"rate_limit_reached_error", K::rate_limited},
    Row{"resource_exhausted", K::rate_limited},
    Row{"1302", K::rate_limited},
    Row{"1303", K::rate_limited},
    Row{"1304", K::rate_limited},
    Row{"1305", K::rate_limited},
    Row{"minimax:1002", K::rate_limited},
    Row{"minimax:1039", K::rate_limited},
    Row{"minimax:1041", K::rate_limited},
    Row{"1000", K::auth},
    Row{"1001", K::auth},
    Row{"1002", K::auth},
    Row{"1003", K::auth},
    Row{"1004", K::auth},
    Row{"minimax:1004", K::auth},
    Row{"unauthenticated", K::auth},
    Row{"invalid_api_key", K::auth},
    Row{"authentication_error", K::auth},
    Row{"permission_error", K::auth},
    Row{"minimax:1001", K::timeout},
    Row{"timeout_error", K::timeout},
    Row{"minimax:1000", K::server_error},
    Row{"minimax:1024", K::server_error},
    Row{"minimax:1033", K::server_error},
    Row{"500", K::server_error},
    Row{"1120", K::server_error},
    Row{"1230", K::server_error},
    Row{"1234", K::server_error},
    Row{"minimax:2013", K::rejected},
    Row{"request_too_large", K::too_large},
    Row{"tool_use_failed", K::malformed},
};

// Words that decide wherever they stand in the text.
constexpr std::array text_rows{
    Row{"throttling", K::rate_limited},
    Row{"credit balance is too low", K::billing},
    Row{"insufficient balance", K::billing},
    Row{"insufficient credits", K::billing},
    Row{"usage limit for this", K::billing},
    Row{"billing cycle", K::billing},
    Row{"api key not valid", K::auth},
    Row{"no endpoints found", K::model_missing},
    Row{"is not a valid model id", K::model_missing},
    Row{"requires moderation", K::policy},
    Row{"was flagged", K::policy},
};

// Types that say less than a status does, for errors that come without one.
constexpr std::array vague_rows{
    Row{"invalid_request_error", K::rejected},
    Row{"badrequesterror", K::rejected},
    Row{"invalid_argument", K::rejected},
    Row{"not_found_error", K::model_missing},
};

struct StatusRow {
    int status;
    ErrorKind kind;
};
constexpr std::array status_rows{
    StatusRow{401, K::auth},          StatusRow{402, K::billing},    StatusRow{403, K::auth},
    StatusRow{404, K::model_missing}, StatusRow{408, K::timeout},    StatusRow{413, K::too_large},
    StatusRow{429, K::rate_limited},  StatusRow{498, K::overloaded}, StatusRow{503, K::overloaded},
    StatusRow{504, K::timeout},       StatusRow{524, K::timeout},    StatusRow{529, K::overloaded},
};

ErrorKind kind_of_status(int status) {
    const auto* row =
        std::find_if(status_rows.begin(), status_rows.end(),
                     [status](const StatusRow& known) { return known.status == status; });
    if (row != status_rows.end()) return row->kind;
    return status >= 400 && status < 500 ? K::rejected : K::server_error;
}

template <std::size_t Count>
const Row* row_of(const std::array<Row, Count>& rows, std::string_view code) {
    const auto* row = std::find_if(rows.begin(), rows.end(),
                                   [code](const Row& known) { return iequals(known.word, code); });
    return row == rows.end() ? nullptr : row;
}

ErrorKind kind_of(const ProviderError& error, std::string_view haystack, int status) {
    const auto* text = std::find_if(text_rows.begin(), text_rows.end(), [&](const Row& known) {
        return haystack.find(known.word) != std::string_view::npos;
    });
    // A code says more than a text, and both more than the status.
    if (const Row* row = row_of(code_rows, error.code)) return row->kind;
    if (text != text_rows.end()) return text->kind;
    if (const Row* row = row_of(code_rows, error.type)) return row->kind;
    const bool missing = haystack.find("model") != haystack.npos &&
                         (haystack.find("does not exist") != haystack.npos ||
                          haystack.find("not found") != haystack.npos);
    if (missing && (status == 400 || status == 0)) return K::model_missing;
    const Row* vague = status < 400 ? row_of(vague_rows, error.type) : nullptr;
    return vague != nullptr ? vague->kind : kind_of_status(status);
}

std::string detail_of(ErrorKind kind, const ProviderError& error, int status,
                      const ClassifyContext& context) {
    if (kind == K::model_missing) return "model: " + std::string(context.model);
    std::string text = sanitise(error.message);
    if (text.empty()) text = sanitise(error.type.empty() ? error.code : error.type);
    if (text.empty()) {
        text = "the provider answered with ";
        text += status > 0 ? "HTTP status " + std::to_string(status) : "an error without a message";
        if (error.html) text += " and an HTML page";
    }
    // Not the client's key: it must not take this for its own login having failed.
    return kind == K::auth ? "the provider refused the router's credentials: " + text : text;
}

Error classify_read(int status, const std::vector<HeaderField>& headers, json::Value body,
                    const ProviderError& read, const ClassifyContext& context) {
    const std::string haystack = read.haystack();
    const int named = status < 400 && read.status != 0 ? read.status : status;
    const bool about_request = named == 0 || named == 200 || named == 400 || named == 413 ||
                               named == 422 || named == 500 || named == 404;
    Error error;
    if (auto overflow = about_request ? read_overflow(read, haystack, context) : std::nullopt) {
        error = *std::move(overflow);
    } else if (auto feature = about_request ? rejected_feature(haystack) : std::string();
               !feature.empty()) {
        error = Error(K::capability, "capability_rejected: " + feature);
    } else if (haystack.find("total message size") != haystack.npos &&
               haystack.find("exceeds limit") != haystack.npos) {
        error = Error(K::too_large, sanitise(read.message));
    } else {
        error.kind = kind_of(read, haystack, named);
    }
    if (error.detail.empty()) error.detail = detail_of(error.kind, read, named, context);
    const bool limited =
        error.kind == K::rate_limited || error.kind == K::billing || error.kind == K::overloaded;
    error.retry_after = read_retry_after(headers, body, read.message, limited, context.now);
    error.upstream_status = named;
    error.code = sanitise(read.code.empty() ? read.type : read.code);
    return error;
}

}  // namespace

Error classify(int status, const std::vector<HeaderField>& headers, std::string_view body,
               const ClassifyContext& context) {
    body = trim(body.substr(0, max_error_body));
    json::Document document;
    const auto root = document.parse_view(body);
    const bool structured = root && (root->is_object() || root->is_array());
    const ProviderError read = structured ? read_provider_error(*root) : read_plain_error(body);
    return classify_read(status, headers, structured ? *root : json::Value(), read, context);
}

void FailureSigns::see(std::string_view key, json::Value value) {
    const auto says = [value] {
        return value.is_string() ? !value.str().empty() : value.size() > 0;
    };
    if (key == "choices") choices_ = value.is_array();
    if (key == "error") failed_ = failed_ || says();
    if (key == "object" || key == "type") failed_ = failed_ || value.str() == "error";
    if (key == "base_resp") failed_ = failed_ || value["status_code"].integer().value_or(0) != 0;
    if (key == "code") code_ = value.present();
    if (key == "message") message_ = value.is_string();
    if (key == "detail") detail_ = says();
}

bool tells_failure(std::string_view event, json::Value root) {
    FailureSigns signs;
    for (const json::Member member : root.members())
        signs.see(member.key.str(), member.value);
    return event == "error" || signs.failed();
}

Error error_in_words(std::string_view data) {
    std::string words = sanitise(data);
    if (trim(words).empty()) words = "the provider's stream tells of an error without words";
    return {ErrorKind::server_error, std::move(words)};
}

Error classify_frame(json::Value frame, const ClassifyContext& context) {
    return classify_read(0, {}, frame, read_provider_error(frame), context);
}

}  // namespace ccr::dialect
