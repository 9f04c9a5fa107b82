// SPDX-License-Identifier: MIT
#include <utility>

#include "common/text.hpp"
#include "daemon/dialect/chat_door.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/openai_finish.hpp"
#include "daemon/dialect/openai_usage.hpp"
#include "daemon/dialect/plain_delta.hpp"

namespace ccr::dialect::chat_door {
namespace {

// Chunks that hold one piece of text, the bulk of a stream, are told without a parse.
class ChatTap final : public Tap {
  public:
    using Tap::Tap;
    void body(std::string_view json) override;
    [[nodiscard]] std::string error_frame(const Error& error,
                                          std::string_view request_id) const override {
        return chat_door::error_frame(error, request_id);
    }

  private:
    void look_at(const SseEvent& event) override;
    void look_into(std::string_view event, json::Value root);
    void fail(Error error, bool told);
    void take_choice(json::Value choice);
};

void ChatTap::look_at(const SseEvent& event) {
    if (error_ || ended_) return;
    if (event.data == "[DONE]") {
        ended_ = true;
        return;
    }
    if (read_plain_delta(event.data)) {
        committed_ = true;
        return;
    }
    const auto root = options_.scratch->parse_view(event.data);
    if (root) {
        look_into(event.name, *root);
    } else if (event.name == "error") {
        fail(error_in_words(event.data), false);
    }
}

void ChatTap::fail(Error error, bool told) {
    error_ = std::move(error);
    told_ = told;
}

void ChatTap::look_into(std::string_view event, json::Value root) {
    if (root.is_array()) {  // Gemini's compatibility endpoint wraps errors so
        for (const json::Value element : root.elements()) {
            if (!error_) look_into(event, element);
        }
        told_ = !error_;
        return;
    }
    if (!root.is_object()) return;
    // Clients look for this member, and for nothing else.
    const bool told = root["error"].present();
    if (tells_failure(event, root)) return fail(classify_frame(root, options_.classify), told);
    if (auto usage = read_openai_usage(root["usage"], *options_.profile)) usage_ = *usage;
    for (const json::Value choice : root["choices"].elements())
        take_choice(choice);
}

void ChatTap::take_choice(json::Value choice) {
    const json::Value delta = choice["delta"];
    for (const json::Member member : delta.members()) {
        const bool says =
            member.value.is_string() ? !member.value.escaped().empty() : member.value.size() > 0;
        if (says && member.key.str() != "role") committed_ = true;
    }
    const std::string_view reason = choice["finish_reason"].str();
    if (reason.empty()) return;
    if (const auto failure = read_finish_reason(reason).error) {
        return fail(Error(*failure, "the provider broke off: " + sanitise(reason)), false);
    }
    complete_ = true;
    committed_ = true;
}

void ChatTap::body(std::string_view json) {
    const auto root = options_.scratch->parse_view(trim(json));
    if (!root || !(root->is_object() || root->is_array())) {
        error_ = Error(ErrorKind::malformed, "the provider's reply is no JSON object");
        return;
    }
    look_into({}, *root);
    if (error_) return;
    if ((*root)["choices"].size() == 0) {
        error_ = Error(ErrorKind::malformed, "the provider's reply has no choices");
        return;
    }
    committed_ = true;
    complete_ = true;
    ended_ = true;
}

}  // namespace

std::unique_ptr<Tap> tap(const DecodeOptions& options) {
    return std::make_unique<ChatTap>(options);
}

}  // namespace ccr::dialect::chat_door
