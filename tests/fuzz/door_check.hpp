// SPDX-License-Identifier: MIT
// A client's request in one of OpenAI's formats for providers of all formats: refused with words,
// or a body that is JSON.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace ccr::fuzz {

struct Upstream {
    const char* dialect;
    const char* profile;
};
constexpr std::array<Upstream, 6> upstreams{{{"anthropic", "anthropic"},
                                             {"openai", "openai"},
                                             {"openai", "deepseek"},
                                             {"openai", "mistral"},
                                             {"gemini", "gemini-native"},
                                             {"openai-responses", "openai"}}};

inline void check_encoded(const Result<dialect::Encoded>& encoded) {
    if (!encoded) {
        check(!encoded.error().detail.empty(), "a refusal says why");
        return;
    }
    json::Document document;
    const auto body = document.parse(encoded->body);
    check(body && body->is_object(), "what goes to a provider is a JSON object");
}

inline void check_door(const char* door_name, const Steered& input) {
    const dialect::Dialect& door = *dialect::find(door_name);
    chat::Request request;
    const auto decoded = door.decode_request(std::string(input.input), request);
    if (!decoded) {
        check(!decoded.error().detail.empty(), "a refusal says why");
        return;
    }
    check(!request.model.empty() && !request.messages.empty(), "there is something to answer");
    const Upstream upstream = upstreams.at(input.steer % upstreams.size());
    const dialect::Dialect& spoken = *dialect::find(upstream.dialect);
    dialect::EncodeOptions options;
    options.model = "model";
    options.profile = &dialect::find_profile(upstream.profile, "", "");
    options.envelope_key = "key";
    if (&spoken == &door && door.can_splice(request, options)) {
        check_encoded(door.splice(request, options));
    }
    check_encoded(spoken.encode_request(request, options));
    static_cast<void>(chat::reply_digest(request));
}

}  // namespace ccr::fuzz
