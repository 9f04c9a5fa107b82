// SPDX-License-Identifier: MIT
// Requests from Responses clients to providers of the same format: the client's own bytes, and the
// provider's, where nothing has to be put in other words.
#include <algorithm>
#include <array>
#include <variant>

#include "common/text.hpp"
#include "daemon/dialect/classify.hpp"
#include "daemon/dialect/door_parts.hpp"
#include "daemon/dialect/extra_members.hpp"
#include "daemon/dialect/json_edit.hpp"
#include "daemon/dialect/openai_usage.hpp"
#include "daemon/dialect/responses.hpp"
#include "daemon/dialect/responses_door.hpp"
#include "daemon/dialect/responses_door_reply.hpp"

namespace ccr::dialect::responses_door {
namespace {

bool block_fits(const chat::Block& block, const Profile& profile) {
    if (std::holds_alternative<chat::Image>(block)) return profile.images;
    if (std::holds_alternative<chat::Document>(block)) return profile.documents;
    const auto* thought = std::get_if<chat::Thinking>(&block);
    return thought == nullptr || !thought->signature.starts_with(our_seal);
}

bool messages_fit(const chat::Request& request, const Profile& profile) {
    return std::all_of(
        request.messages.begin(), request.messages.end(), [&](const chat::Message& message) {
            return std::all_of(
                message.content.begin(), message.content.end(),
                [&](const chat::Block& block) { return block_fits(block, profile); });
        });
}

// Looks at a stream's events by their names; most of them are only progress.
class ResponsesTap final : public Tap {
  public:
    using Tap::Tap;
    void body(std::string_view json) override;
    // Behind the events that went through, with the next number.
    [[nodiscard]] std::string error_frame(const Error& error,
                                          std::string_view request_id) const override {
        if (next_ == 0) return responses_door::error_frame(error, request_id);
        return failed_event(head_, next_, error);
    }

  private:
    void look_at(const SseEvent& event) override;
    void look_into(std::string_view type, json::Value root);
    void take_response(json::Value response);
    void note_beginning(json::Value root);

    ResponseHead head_;
    std::int64_t next_ = 0;  // number of the next event
};

bool is_last(std::string_view type) {
    constexpr std::array<std::string_view, 4> last{"response.completed", "response.incomplete",
                                                   "response.failed", "error"};
    return std::find(last.begin(), last.end(), type) != last.end();
}

void ResponsesTap::look_at(const SseEvent& event) {
    if (error_ || ended_) return;
    const bool begins = next_++ == 0;
    if (!begins && event.name.starts_with("response.") && !is_last(event.name)) {
        // Announcing a response says nothing yet.
        const bool announced =
            event.name == "response.in_progress" || event.name == "response.queued";
        if (!announced) committed_ = true;
        return;
    }
    const auto root = options_.scratch->parse_view(event.data);
    if (root && root->is_object()) {
        if (begins) note_beginning(*root);
        const std::string_view type = (*root)["type"].str();
        look_into(type.empty() ? event.name : type, *root);
    } else if (event.name == "error") {
        error_ = error_in_words(event.data);
    }
}

void ResponsesTap::look_into(std::string_view type, json::Value root) {
    const json::Value response = root["response"];
    // Gateways in front of it send errors that are no events.
    told_ = !type.empty();
    if (type == "error" || type == "response.failed" || (type.empty() && root["error"].present())) {
        error_ = responses::classify_frame(response["error"].present() ? response : root,
                                           options_.classify);
    } else if (is_last(type)) {
        take_response(response);
    } else if (type.starts_with("response.output") || type.ends_with(".delta")) {
        committed_ = true;  // from a server that sends no event names
    }
}

void ResponsesTap::note_beginning(json::Value root) {
    const json::Value response = root["response"];
    next_ += root["sequence_number"].integer().value_or(0);
    head_ = {std::string(response["id"].str()), response["created_at"].integer().value_or(0),
             std::string(response["model"].str())};
}

void ResponsesTap::take_response(json::Value response) {
    if (auto usage = read_openai_usage(response["usage"], *options_.profile)) usage_ = *usage;
    committed_ = true;
    complete_ = true;
    ended_ = true;
}

void ResponsesTap::body(std::string_view json) {
    const auto root = options_.scratch->parse_view(trim(json));
    if (!root || !root->is_object()) {
        error_ = Error(ErrorKind::malformed, "the provider's reply is no JSON object");
        return;
    }
    if ((*root)["error"].present() || (*root)["status"].str() == "failed") {
        error_ = responses::classify_frame(*root, options_.classify);
        return;
    }
    take_response(*root);
}

}  // namespace

bool can_splice(const chat::Request& request, const EncodeOptions& options) {
    if (options.overlay != nullptr && !members_only(*options.overlay)) return false;
    const bool too_long =
        options.max_output_tokens > 0 && request.max_tokens > options.max_output_tokens;
    return !too_long && messages_fit(request, *options.profile);
}

Result<Encoded> splice(chat::Request& request, const EncodeOptions& options) {
    Encoded encoded;
    const bool stream = options.stream(request);
    JsonEdit edit(request.document.source());
    const json::Value root = request.document.root();
    bool stream_seen = false;
    // All of duplicate keys: servers differ in which one they take.
    for (const json::Member member : root.members()) {
        const std::string_view key = member.key.str();
        if (key == "model") edit.replace(member.value, quoted(options.model));
        if (key != "stream") continue;
        stream_seen = true;
        if (member.value.boolean() != stream) edit.replace(member.value, stream ? "true" : "false");
    }
    if (stream && !stream_seen) edit.append_member(root, R"("stream":true)");
    encoded.body = edit.apply();
    if (options.overlay != nullptr && !options.overlay->members.empty()) {
        encoded.body = with_members(std::move(encoded.body), options.overlay->members);
    }
    return encoded;
}

std::unique_ptr<Tap> tap(const DecodeOptions& options) {
    return std::make_unique<ResponsesTap>(options);
}

}  // namespace ccr::dialect::responses_door
