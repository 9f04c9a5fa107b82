// SPDX-License-Identifier: MIT
// A client's request for every kind of provider: refused with words, or a body that is JSON.
#include <array>
#include <string>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/profile.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ccr;
    constexpr std::array profiles{"openai", "deepseek", "glm",  "kimi",   "qwen",   "minimax",
                                  "groq",   "mistral",  "vllm", "ollama", "gemini", "openrouter"};
    const auto input = fuzz::steered(data, size);
    chat::Request request;
    const auto decoded =
        dialect::find("anthropic")->decode_request(std::string(input.input), request);
    if (!decoded) {
        fuzz::check(!decoded.error().detail.empty(), "a refusal says why");
        return 0;
    }
    const std::string wanted = profiles.at(input.steer % profiles.size());
    dialect::EncodeOptions options;
    options.model = "model";
    options.profile = &dialect::find_profile(wanted, "", "");
    options.envelope_key = "key";
    const auto encoded = dialect::find("openai")->encode_request(request, options);
    if (!encoded) {
        fuzz::check(!encoded.error().detail.empty(), "a refusal says why");
        return 0;
    }
    json::Document document;
    const auto body = document.parse(encoded->body);
    fuzz::check(static_cast<bool>(body), "what goes to a provider is JSON");
    fuzz::check((*body)["model"].str() == "model", "the provider's name for the model");
    fuzz::check((*body)["messages"].size() > 0, "there are messages");
    for (const json::Value message : (*body)["messages"].elements())
        fuzz::check(!message["role"].str().empty(), "every message has a role");
    return 0;
}
