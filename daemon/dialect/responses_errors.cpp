// SPDX-License-Identifier: MIT
// What errors of the Responses API mean beyond what all providers' have in common.
#include <algorithm>
#include <iterator>
#include <string>

#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/responses.hpp"

namespace ccr::dialect::responses {
namespace {

// Codes of a reply that failed; they come without a status.
struct Row {
    std::string_view code;
    ErrorKind kind;
};
constexpr Row rows[] = {
    {"invalid_prompt", ErrorKind::policy},
    {"bio_policy", ErrorKind::policy},
    {"cyber_policy", ErrorKind::policy},
    {"image_content_policy_violation", ErrorKind::policy},
    {"usage_not_included", ErrorKind::billing},
    {"usage_limit_reached", ErrorKind::billing},
    {"server_error", ErrorKind::server_error},
    {"vector_store_timeout", ErrorKind::timeout},
};

// What is wrong with an image is the client's to put right, whatever of it is.
bool about_image(std::string_view code) {
    return code.starts_with("invalid_image") || code.starts_with("image_") ||
           code.starts_with("unsupported_image") || code == "invalid_base64_image" ||
           code == "empty_image_file" || code == "failed_to_download_image";
}

// Features that it refuses in words of its own; empty: it is something else.
std::string_view refused(const std::string& text) {
    const auto has = [&text](std::string_view part) { return text.find(part) != text.npos; };
    if (has("invalid_encrypted_content") || has("encrypted content")) return "thinking_signature";
    const bool thought = has("of type 'reasoning'") || has("item with id 'rs_");
    if (thought && (has("required following item") || has("not found")))
        return "thinking_signature";
    if (has("reasoning summar") || has("reasoning.summary")) return "reasoning_summary";
    return "";
}

Error refine(Error error, std::string_view said) {
    const bool open = error.kind == ErrorKind::rejected || error.kind == ErrorKind::server_error ||
                      error.kind == ErrorKind::model_missing;
    if (!open) return error;
    if (const std::string_view feature = refused(lower(said)); !feature.empty()) {
        error.kind = ErrorKind::capability;
        error.detail = "capability_rejected: " + std::string(feature);
        return error;
    }
    const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& known) {
        return iequals(known.code, error.code);
    });
    if (row != std::end(rows)) error.kind = row->kind;
    if (about_image(error.code)) error.kind = ErrorKind::rejected;
    return error;
}

}  // namespace

Error classify(int status, const std::vector<HeaderField>& headers, std::string_view body,
               const ClassifyContext& context) {
    return refine(dialect::classify(status, headers, body, context),
                  body.substr(0, max_error_body));
}

Error classify_frame(json::Value frame, const ClassifyContext& context) {
    const json::Value error = frame["error"];
    return refine(dialect::classify_frame(frame, context),
                  error.present() ? error.raw() : frame.raw());
}

}  // namespace ccr::dialect::responses
