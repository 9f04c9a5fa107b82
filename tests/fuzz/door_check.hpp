// SPDX-License-Identifier: MIT
// A client's request at a door, for providers of all formats: refused with words, or a body that is
// JSON and names the model.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/profile.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace ccr::fuzz {

struct Upstream {
    const char* dialect;
    const char* profile;
};
constexpr std::array<Upstream, 16> upstreams{{{"anthropic", "anthropic"},
                                              {"openai", "openai"},
                                              {"openai", "deepseek"},
                                              {"openai", "mistral"},
                                              {"gemini", "gemini-native"},
                                              {"openai-responses", "openai"},
                                              {"openai", "glm"},
                                              {"openai", "kimi"},
                                              {"openai", "qwen"},
                                              {"openai", "minimax"},
                                              {"openai", "groq"},
                                              {"openai", "vllm"},
                                              {"openai", "ollama"},
                                              {"openai", "gemini"},
                                              {"openai", "openrouter"},
                                              {"openai-responses", "openrouter"}}};

inline void check_encoded(const Result<dialect::Encoded>& encoded, bool chat) {
    if (!encoded) {
        check(!encoded.error().detail.empty(), "a refusal says why");
        return;
    }
    json::Document document;
    const auto body = document.parse(encoded->body);
    check(body && body->is_object(), "what goes to a provider is a JSON object");
    if (!chat) return;
    check((*body)["model"].str() == "model", "the provider's name for the model");
    check((*body)["messages"].size() > 0, "there are messages");
    for (const json::Value message : (*body)["messages"].elements())
        check(!message["role"].str().empty(), "every message has a role");
}

inline void check_door(const char* door_name, const Steered& input) {
    constexpr std::string_view key = "key";
    const dialect::Dialect& door = *dialect::find(door_name);
    chat::Request request;
    const auto decoded = door.decode_request(plain_request(input.input, key), request);
    if (!decoded) {
        check(!decoded.error().detail.empty(), "a refusal says why");
        return;
    }
    check(!request.model.empty() && !request.messages.empty(), "there is something to answer");
    const Upstream& upstream = upstreams.at(input.steer % upstreams.size());
    const dialect::Dialect& spoken = *dialect::find(upstream.dialect);
    dialect::Profile profile = dialect::find_profile(upstream.profile, "", "");
    if (spoken.name == "openai-responses") profile = dialect::for_responses(profile);
    dialect::EncodeOptions options;
    options.model = "model";
    options.profile = &profile;
    options.envelope_key = key;
    if (&spoken == &door && (door.can_splice == nullptr || door.can_splice(request, options))) {
        check_encoded(door.splice(request, options), false);
    }
    check_encoded(spoken.encode_request(request, options), spoken.name == "openai");
    static_cast<void>(chat::reply_digest(request));
}

}  // namespace ccr::fuzz
