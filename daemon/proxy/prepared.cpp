// SPDX-License-Identifier: MIT
#include "daemon/proxy/prepared.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "daemon/dialect/keepsakes.hpp"
#include "daemon/proxy/adapt.hpp"
#include "daemon/proxy/turn.hpp"
#include "daemon/route/capability.hpp"
#include "daemon/route/search.hpp"
#include "daemon/search/tool.hpp"

namespace ccr::proxy {
namespace {

// The config may ask its providers for whole replies; they are told as streams all the same.
bool whole_replies_only(const Turn& turn, const config::Provider& provider) {
    return turn.snapshot->config().router.force_non_streaming && !provider.allow_streaming;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words)
        out += (out.empty() ? "" : ",") + word;
    return out;
}

route::SearchBy search_for(const Turn& turn, const route::Target& target,
                           const route::Speech& speech) {
    if (!search::wanted(*turn.chat)) return route::SearchBy::nobody;
    return route::search_by(target, speech, turn.snapshot->config().web_search);
}

std::int64_t output_limit(const route::Target& target) {
    const auto limit = target.provider->config->output_limit(target.model);
    return static_cast<std::int64_t>(limit.value_or(0));
}

}  // namespace

Prepared::Prepared(const Turn& turn, const route::Target& target)
    : target_(target),
      chain_(target.provider->transforms.find(target.model)),
      speech_(route::speech_for(target, *turn.chat, turn.door)),
      search_(search_for(turn, target, speech_)),
      native_(speech_.dialect == &turn.door && turn.door.splice != nullptr && !searches()),
      streams_(turn.stream && !whole_replies_only(turn, *target.provider->config)) {}

dialect::Overlay& Prepared::overlay() {
    if (overlay_ == nullptr) overlay_ = std::make_unique<dialect::Overlay>();
    return *overlay_;
}

std::string_view Prepared::path(std::string& named) const {
    const config::Provider& provider = *target_.provider->config;
    if (speech_.beside) return provider.responses_target;
    if (!provider.model_path) return provider.endpoint.target;
    named = provider.request_target(target_.model, streams_);
    return named;
}

Result<void> Prepared::encode(Turn& turn) {
    if (ready_) return {};
    if (chain_ != nullptr && !transformed_) {
        transformed_ = true;
        const bool capped = target_.provider->config->output_limit(target_.model).has_value();
        chain_->apply({*turn.chat, target_.model, capped, speech_.profile, overlay()});
    }
    const dialect::EncodeOptions options = this->options(turn);
    if (native_ && turn.door.can_splice != nullptr)
        native_ = turn.door.can_splice(*turn.chat, options);
    auto encoded = native_ ? splice(turn, options) : translate(turn, options);
    if (!encoded) return std::move(encoded).error();
    encoded_ = std::move(*encoded);
    ready_ = true;
    return {};
}

dialect::EncodeOptions Prepared::options(const Turn& turn) const {
    dialect::EncodeOptions options;
    options.model = target_.model;
    options.profile = &speech_.profile;
    options.max_output_tokens = output_limit(target_);
    options.envelope_key = turn.worker.shared->envelope_key;
    options.overlay = overlay_.get();
    options.model_in_url = target_.provider->config->model_in_url_only;
    if (streams_ != turn.stream) options.force_stream = streams_;
    return options;
}

Result<dialect::Encoded> Prepared::splice(Turn& turn, const dialect::EncodeOptions& options) const {
    if (speech_.profile.images || !route::image_anywhere(*turn.chat)) {
        return turn.door.splice(*turn.chat, options);
    }
    // Once more through the decoder: what splicing changes then works on the changed body.
    chat::Request blind;
    auto decoded = turn.door.decode_request(route::body_without_images(*turn.chat), blind);
    if (!decoded) return std::move(decoded).error();
    turn.warnings = "image";
    return turn.door.splice(blind, options);
}

Result<dialect::Encoded> Prepared::translate(Turn& turn,
                                             const dialect::EncodeOptions& options) const {
    // Warnings are about the target that served, not about those tried before it.
    turn.chat->warnings.resize(std::min(turn.chat->warnings.size(), turn.decoder_warnings));
    if (dialect::Keepsakes::wanted_by(*options.profile)) {
        dialect::restore_reasoning(*turn.chat, turn.worker.shared->keepsakes);
    }
    std::optional<search::StandIn> stand_in;
    if (search_ == route::SearchBy::router) {
        stand_in.emplace(*turn.chat, search::terms_of(*turn.chat).name);
    }
    auto encoded = speech_.dialect->encode_request(*turn.chat, options);
    if (encoded) turn.warnings = joined(turn.chat->warnings);
    return encoded;
}

bool Prepared::leave_out(const chat::Request& request, std::uint32_t features) {
    const std::uint32_t more = features & ~left_out_;
    if (more == 0) return features == 0;
    // Elsewhere a changed profile is what keeps the bytes from being sent as they are.
    const bool as_spliced = native_ && speech_.dialect->can_splice == nullptr;
    if (!proxy::leave_out(more, as_spliced, request, speech_.profile, overlay())) return false;
    left_out_ |= more;
    ready_ = false;
    return true;
}

void Prepared::cap_output(std::int64_t max_tokens) {
    auto& cap = overlay().max_tokens_cap;
    cap = std::min(cap.value_or(max_tokens), max_tokens);
    ready_ = false;
}

void Prepared::release_body() {
    release(encoded_.body);
}

}  // namespace ccr::proxy
