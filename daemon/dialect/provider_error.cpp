// SPDX-License-Identifier: MIT
#include "daemon/dialect/provider_error.hpp"

#include "common/text.hpp"

namespace ccr::dialect {
namespace {

// Strings as they are, numbers as spelt, anything else empty.
std::string_view word(json::Value value) {
    return value.is_number() ? value.raw() : value.str();
}

void take(std::string& into, std::string_view text) {
    if (into.empty()) into = text;
}

// FastAPI: a text, or a list of {loc, msg}.
std::string detail_text(json::Value detail) {
    if (detail.is_string()) return std::string(detail.str());
    std::string out;
    for (const json::Value item : detail.elements()) {
        if (!out.empty()) out += "; ";
        const json::Value place = item["loc"];
        if (place.size() > 0) {
            out += word(place.at(place.size() - 1));
            out += ": ";
        }
        out += item.is_string() ? item.str() : item["msg"].str();
    }
    if (out.empty() && detail.is_object()) out = word(detail["message"]);
    return out;
}

// OpenRouter hands on what the provider behind it said, often as JSON inside a string.
void read_metadata(ProviderError& out, json::Value metadata) {
    const json::Value raw = metadata["raw"];
    if (!raw.is_string() || raw.str().empty()) return;
    json::Document inner;
    const auto root = inner.parse_view(raw.str());
    const ProviderError cause =
        root && root->is_object() ? read_provider_error(*root) : read_plain_error(raw.str());
    if (!cause.message.empty() && !cause.html) out.message = cause.message;
    if (!cause.code.empty()) out.code = cause.code;
    if (!cause.type.empty()) out.type = cause.type;
}

void read_error_object(ProviderError& out, json::Value error) {
    take(out.message, error["message"].str());
    take(out.message, error["msg"].str());
    take(out.code, word(error["code"]));
    take(out.type, error["type"].str());
    take(out.type, error["status"].str());
    const std::string_view inner_code = error["innererror"]["code"].str();
    if (!inner_code.empty()) out.code = inner_code;
    const std::string_view detail_code = error["details"]["error_code"].str();
    if (!detail_code.empty()) out.code = detail_code;
    out.prompt_tokens = error["n_prompt_tokens"].integer().value_or(0);
    out.context_tokens = error["n_ctx"].integer().value_or(0);
    read_metadata(out, error["metadata"]);
    // Google: which of its quotas it was.
    for (const json::Value detail : error["details"].elements()) {
        for (const json::Value violation : detail["violations"].elements()) {
            take(out.code, violation["quotaId"].str());
            if (icontains(violation["quotaId"].str(), "PerDay")) out.code = "PerDay";
        }
    }
}

void read_top_level(ProviderError& out, json::Value root) {
    if (root["base_resp"].is_object()) {
        const json::Value status = root["base_resp"]["status_code"];
        if (status.integer().value_or(0) != 0) out.code = "minimax:" + std::string(status.raw());
        take(out.message, root["base_resp"]["status_msg"].str());
    }
    take(out.message, root["message"].str());
    take(out.message, root["msg"].str());
    take(out.message, detail_text(root["detail"]));
    take(out.code, word(root["code"]));
    if (out.type.empty() && root["type"].str() != "error") out.type = root["type"].str();
}

}  // namespace

std::string ProviderError::haystack() const {
    return lower(message + '\n' + code + '\n' + type);
}

ProviderError read_provider_error(json::Value root) {
    if (root.is_array()) root = root.at(0);
    ProviderError out;
    const json::Value error = root["error"];
    if (error.is_string()) out.message = error.str();
    if (error.is_object()) read_error_object(out, error);
    read_top_level(out, root);
    // The reason may also be a JSON text inside the message.
    if (out.message.starts_with('{')) {
        json::Document inner;
        const auto nested = inner.parse_view(out.message);
        const std::string_view text = nested ? (*nested)["error"]["message"].str() : "";
        if (!text.empty()) out.message = std::string(text);
    }
    const auto status = to_number<int>(out.code);
    if (status && *status >= 400 && *status < 600) out.status = *status;
    return out;
}

ProviderError read_plain_error(std::string_view text) {
    text = trim(text);
    ProviderError out;
    out.html = text.starts_with('<') || icontains(text.substr(0, 1024), "<html");
    if (!out.html) out.message = text;
    return out;
}

}  // namespace ccr::dialect
