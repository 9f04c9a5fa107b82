// SPDX-License-Identifier: MIT
#include "common/text.hpp"
#include "daemon/dialect/anthropic_reply.hpp"
#include "daemon/dialect/anthropic_writer.hpp"
#include "daemon/dialect/classify.hpp"

namespace ccr::dialect {

void AnthropicTap::look_at(const SseEvent& event) {
    if (error_ || event.name == "ping" || event.name == "content_block_stop") return;
    if (event.name == "content_block_delta" || event.name == "content_block_start") {
        committed_ = true;
        return;
    }
    if (event.name == "message_stop") {
        ended_ = true;
        return;
    }
    const auto root = options_.scratch->parse_view(event.data);
    if (root) {
        const std::string_view type = (*root)["type"].str();
        look_into(type.empty() ? event.name : type, *root);
    } else if (event.name == "error") {
        error_ = error_in_words(event.data);
    }
    told_ = event.name == "error";  // clients pass over events without a name
}

void AnthropicTap::look_into(std::string_view type, json::Value root) {
    if (type == "message_start") {
        merge_anthropic_usage(usage_, root["message"]["usage"]);
    } else if (type == "message_delta") {
        merge_anthropic_usage(usage_, root["usage"]);
        take_stop(root["delta"]);
    } else if (type == "error" || root["error"].present()) {
        error_ = classify_frame(root, options_.classify);
    } else if (type == "message_stop") {
        ended_ = true;
    } else if (type.starts_with("content_block_")) {
        committed_ = true;  // from a server that sends no event names
    }
}

std::string AnthropicTap::error_frame(const Error& error, std::string_view request_id) const {
    return anthropic_error_frame(error, request_id);
}

void AnthropicTap::body(std::string_view json) {
    const auto root = options_.scratch->parse_view(trim(json));
    if (!root || !root->is_object()) {
        error_ = Error(ErrorKind::malformed, "the provider's reply is no JSON object");
        return;
    }
    if ((*root)["type"].str() == "error" || (*root)["error"].present()) {
        error_ = classify_frame(*root, options_.classify);
        return;
    }
    merge_anthropic_usage(usage_, (*root)["usage"]);
    take_stop(*root);
    committed_ = true;
    complete_ = true;
    ended_ = true;
}

void AnthropicTap::take_stop(json::Value holder) {
    if (holder["stop_reason"].is_string()) complete_ = true;
}

std::unique_ptr<Tap> anthropic_tap(const DecodeOptions& options) {
    return std::make_unique<AnthropicTap>(options);
}

}  // namespace ccr::dialect
