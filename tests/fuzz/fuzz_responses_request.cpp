// SPDX-License-Identifier: MIT
// A client's request in the Responses format: refused with words, or JSON that keeps its rules.
#include <array>
#include <string>
#include <unordered_set>

#include "common/json.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/dialect.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace ccr;

constexpr std::string_view key = "key";

void check_input(json::Value input) {
    using fuzz::check;
    check(input.size() > 0, "there is input");
    std::unordered_set<std::string> open;
    bool reasoned = false;
    for (const json::Value item : input.elements()) {
        const std::string_view type = item["type"].str();
        const std::string id(item["call_id"].str());
        const bool said = type == "message" && item["role"].str() == "assistant";
        const bool output = type == "function_call" || said;
        check(!reasoned || output || type == "reasoning", "reasoning leads to something");
        reasoned = type == "reasoning";
        if (type == "function_call") {
            check(open.insert(id).second, "no call is open twice");
        } else if (type == "function_call_output") {
            check(open.erase(id) == 1, "an output has its call");
        } else if (type == "message") {
            // The model may speak behind its calls, in the same turn.
            check(open.empty() || said, "outputs follow their calls");
            check(item["content"].size() > 0, "no message is empty");
        }
    }
    check(open.empty() && !reasoned, "nothing is left open");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array models{"gpt-5.4", "gpt-4.1", "o3", "gpt-5.6-codex"};
    const auto input = fuzz::steered(data, size);
    chat::Request request;
    const auto decoded =
        dialect::find("anthropic")->decode_request(fuzz::plain_request(input.input, key), request);
    if (!decoded) return 0;
    const std::string model = models.at(input.steer % models.size());
    const auto profile =
        dialect::for_responses(dialect::for_model(*dialect::profile_named("openai"), model));
    dialect::EncodeOptions options;
    options.model = model;
    options.profile = &profile;
    options.envelope_key = key;
    const auto encoded = dialect::find("openai-responses")->encode_request(request, options);
    if (!encoded) {
        fuzz::check(!encoded.error().detail.empty(), "a refusal says why");
        return 0;
    }
    json::Document document;
    const auto body = document.parse(encoded->body);
    fuzz::check(static_cast<bool>(body), "what goes to a provider is JSON");
    check_input((*body)["input"]);
    return 0;
}
